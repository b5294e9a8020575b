import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { RecordHandler } from './record.handler.js';

type Options = Pick<ServiceConsumerOptions, 'maxRecords' | 'concurrency' | 'commitInterval' | 'prepare'>;

/** Feeds the record topic to the handler for as long as the application runs. */
export class RecordConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: RecordHandler, metrics: IngestionMetrics, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.record,
      group: consumerGroups.ingestion,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      onBatch: (batch) => metrics.batch(batch),
    });
  }
}
