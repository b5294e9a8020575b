import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { consumerGroups, topics } from '@tessera/contracts';
import { BatchConsumer, untilSucceeds, type Messaging } from '@tessera/messaging';
import type { IngestionMetrics } from './ingestion-metrics.js';
import type { RecordHandler } from './record.handler.js';

export interface RecordConsumerOptions {
  readonly maxRecords: number;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly commitInterval: number;
  /** What must have succeeded before the first record is taken: topics, indexes, connections. */
  readonly prepare: () => Promise<unknown>;
}

/** Feeds the record topic to the handler for as long as the application runs. */
export class RecordConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly consumer: BatchConsumer;
  private readonly stopping = new AbortController();
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly messaging: Messaging,
    handler: RecordHandler,
    metrics: IngestionMetrics,
    private readonly options: RecordConsumerOptions,
  ) {
    const { maxRecords, concurrency, commitInterval } = options;
    this.consumer = new BatchConsumer(messaging, {
      topic: topics.record,
      group: consumerGroups.ingestion,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      onBatch: (batch) => metrics.batch(batch),
      maxRecords,
      concurrency,
      commitInterval,
    });
  }

  /** Whether the group has given this worker its partitions. */
  get ready(): boolean {
    return this.consumer.ready;
  }

  /** Returns at once: the process answers health checks while it waits for what it depends on. */
  onApplicationBootstrap(): void {
    const start = async () => {
      await this.options.prepare();
      await this.consumer.start();
    };
    this.starting = untilSucceeds(start, {
      signal: this.stopping.signal,
      onFailure: (error) =>
        this.messaging.options.logger.warn({ error: String(error) }, 'Not ready to consume yet; trying again'),
    });
  }

  /** Before the connections close, which the work in hand still needs. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await this.consumer.stop();
  }
}
