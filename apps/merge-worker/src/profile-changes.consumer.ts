import { topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { ProfileChangesHandler } from './profile-changes.handler.js';

type Options = Pick<ServiceConsumerOptions, 'group' | 'maxRecords' | 'concurrency' | 'commitInterval' | 'prepare'>;

/** Feeds changes of people to the handler for as long as the application runs. */
export class ProfileChangesConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: ProfileChangesHandler, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.profileChanged,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
    });
  }
}
