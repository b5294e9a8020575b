import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { CommandHandler } from './command.handler.js';

type Options = Pick<ServiceConsumerOptions, 'commitInterval' | 'prepare'>;

/** Feeds commands to the handler for as long as the application runs. */
export class CommandConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: CommandHandler, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.ingestionCommand,
      group: consumerGroups.ingestionCommands,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      maxRecords: 100,
      concurrency: 1,
    });
  }
}
