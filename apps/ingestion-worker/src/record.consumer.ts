import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { consumerGroups, topics } from '@tessera/contracts';
import { BatchConsumer, type Messaging } from '@tessera/messaging';
import type { IngestionMetrics } from './ingestion-metrics.js';
import type { RecordHandler } from './record.handler.js';

export interface RecordConsumerOptions {
  readonly maxRecords: number;
  readonly concurrentPartitions: number;
  /** Milliseconds. */
  readonly commitInterval: number;
}

/** Feeds the record topic to the handler for as long as the application runs. */
export class RecordConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly consumer: BatchConsumer;

  constructor(messaging: Messaging, handler: RecordHandler, metrics: IngestionMetrics, options: RecordConsumerOptions) {
    this.consumer = new BatchConsumer(messaging, {
      topic: topics.record,
      group: consumerGroups.ingestion,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      onBatch: (batch) => metrics.batch(batch),
      ...options,
    });
  }

  /** Whether the group has given this worker its partitions. */
  get ready(): boolean {
    return this.consumer.ready;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.consumer.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.consumer.stop();
  }
}
