import type { Consumer } from 'kafkajs';
import type { MessagingLogger } from './kafka.js';

/**
 * Commits how far each partition's work is durable: now and then, at a rebalance and at the end. A commit that fails
 * costs repeats, never losses.
 */
export class OffsetCommitter {
  /** Next offset to read, by partition, for what has been handled since its last commit. */
  private readonly uncommitted = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
    private readonly logger: MessagingLogger,
  ) {}

  start(interval: number): void {
    this.timer = setInterval(() => void this.commit(), interval);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.commit();
  }

  /** Everything of the partition before `nextOffset` is durable. */
  done(partition: number, nextOffset: number): void {
    this.uncommitted.set(partition, nextOffset);
  }

  /** Forgets partitions that now belong to another member, which starts from what was last committed. */
  own(partitions: readonly number[]): void {
    for (const partition of this.uncommitted.keys()) {
      if (!partitions.includes(partition)) this.uncommitted.delete(partition);
    }
  }

  /** One commit at a time; failures are logged and made up for by the next. */
  commit(): Promise<void> {
    this.running = this.running.then(() => this.commitOnce());
    return this.running;
  }

  private async commitOnce(): Promise<void> {
    const offsets = [...this.uncommitted];
    if (offsets.length === 0) return;
    try {
      await this.consumer.commitOffsets(
        offsets.map(([partition, offset]) => ({ topic: this.topic, partition, offset: String(offset) })),
      );
      for (const [partition, offset] of offsets) {
        if (this.uncommitted.get(partition) === offset) this.uncommitted.delete(partition);
      }
    } catch (error) {
      this.logger.warn({ topic: this.topic, error: String(error) }, 'Offsets could not be committed yet');
    }
  }
}
