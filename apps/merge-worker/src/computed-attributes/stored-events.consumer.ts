import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { ComputedAttributeMetrics } from './computed-attribute-metrics.js';
import type { StoredEventsHandler } from './stored-events.handler.js';

type Options = Pick<ServiceConsumerOptions, 'maxRecords' | 'concurrency' | 'commitInterval' | 'prepare'>;

/** Feeds the topic of stored events to the handler for as long as the application runs. */
export class StoredEventsConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: StoredEventsHandler, metrics: ComputedAttributeMetrics, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.eventsStored,
      group: consumerGroups.mergeFigures,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      onBatch: (batch) => metrics.batch(batch),
    });
  }
}
