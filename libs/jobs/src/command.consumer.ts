import { jobQueues, type JobQueueName } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { CommandHandler } from './command.handler.js';

type Options = Pick<ServiceConsumerOptions, 'commitInterval' | 'prepare'>;

/** Feeds the commands of one queue to the handler for as long as the application runs. */
export class CommandConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, name: JobQueueName, handler: CommandHandler, options: Options) {
    const { topic, group } = jobQueues[name];
    super(messaging, {
      ...options,
      topic,
      group,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      maxRecords: 100,
      concurrency: 1,
    });
  }
}
