import { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
import type { Messaging } from './kafka.js';
import { untilSucceeds } from './until-succeeds.js';

export interface ServiceConsumerOptions extends BatchConsumerOptions {
  /** What must have succeeded before the first message is taken: topics, indexes, connections. */
  readonly prepare: () => Promise<unknown>;
}

/**
 * A batch consumer that lives as long as a Nest application does: its methods are Nest's lifecycle hooks. It starts as soon
 * as what it depends on is there, and stops before the application closes its connections.
 */
export class ServiceConsumer {
  private readonly consumer: BatchConsumer;
  private readonly stopping = new AbortController();
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly messaging: Messaging,
    private readonly options: ServiceConsumerOptions,
  ) {
    this.consumer = new BatchConsumer(messaging, options);
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
