import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { IdentitySettingsHandler } from './identity-settings.handler.js';

type Options = Pick<ServiceConsumerOptions, 'commitInterval' | 'prepare'>;

/** Feeds changes of linking rules to the handler, one at a time, for as long as the application runs. */
export class IdentitySettingsConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: IdentitySettingsHandler, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.identitySettings,
      group: consumerGroups.mergeSettings,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      maxRecords: 1,
      concurrency: 1,
    });
  }
}
