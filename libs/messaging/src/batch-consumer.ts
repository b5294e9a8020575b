import type { Consumer, EachBatchPayload } from 'kafkajs';
import { UnavailableError, type TopicName } from '@tessera/contracts';
import { followTraces, TRACEPARENT } from '@tessera/observability';
import { Gathering } from './gathering.js';
import { IncomingMessage } from './incoming-message.js';
import { keepAlive } from './keep-alive.js';
import type { Messaging } from './kafka.js';
import { OffsetCommitter } from './offset-committer.js';
import { untilHandled } from './retry.js';

/**
 * Does the work of some messages: of each partition a run without gaps, in order. Returns when all of it is durable; only
 * then are their offsets committed. May be called again with the same messages: the work must be idempotent.
 */
export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<void>;

/**
 * Puts aside one message that cannot be handled although its neighbours can. Returns when that is durable.
 */
export type PoisonHandler = (message: IncomingMessage, error: unknown) => Promise<void>;

/** Partitions whose messages are gathered; more wait for one of these. */
const PARTITIONS_AT_ONCE = 64;

export interface BatchConsumerOptions {
  readonly topic: TopicName;
  /** Name of the consumer group, without the deployment's prefix. */
  readonly group: string;
  readonly handle: BatchHandler;
  readonly handlePoison: PoisonHandler;
  /** Messages handled together. */
  readonly maxRecords: number;
  /** Handlers at work at the same time, each on partitions of its own. */
  readonly concurrency: number;
  /** Milliseconds between commits. */
  readonly commitInterval: number;
  /** Told of every handled batch. */
  readonly onBatch?: (batch: { readonly size: number; readonly milliseconds: number }) => void;
}

/**
 * Consumes a topic in batches with commits of its own: kafkajs's automatic ones wait for the broker after every batch.
 * Delivery is at least once. A batch whose dependency is down is tried again until it succeeds, holding its partition
 * back; a batch that fails otherwise is narrowed down to the messages at fault, and those alone are put aside.
 */
export class BatchConsumer {
  private readonly consumer: Consumer;
  private readonly committer: OffsetCommitter;
  private readonly gathering: Gathering<IncomingMessage>;
  private joined = false;
  private stopping = false;

  constructor(
    private readonly messaging: Messaging,
    private readonly options: BatchConsumerOptions,
  ) {
    this.consumer = messaging.kafka.consumer({
      groupId: messaging.group(options.group),
      sessionTimeout: 10_000,
      rebalanceTimeout: 20_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 1_000,
      maxBytesPerPartition: 524_288,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 10, restartOnFailure: () => Promise.resolve(true) },
    });
    this.gathering = new Gathering((messages) => this.handleMeasured(messages), {
      concurrency: options.concurrency,
      maxMessages: options.maxRecords,
    });
    this.committer = new OffsetCommitter(this.consumer, messaging.topic(options.topic), messaging.options.logger);
  }

  /** Whether the group has given this consumer its partitions (possibly none). */
  get ready(): boolean {
    return this.joined;
  }

  /** Joins the group and starts consuming; resolves before the first partition is assigned. */
  async start(): Promise<void> {
    const { GROUP_JOIN, REBALANCING, CRASH, DISCONNECT } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.committer.own(payload.memberAssignment[this.messaging.topic(this.options.topic)] ?? []);
      this.joined = true;
    });
    this.consumer.on(REBALANCING, () => void this.committer.commit());
    for (const lost of [CRASH, DISCONNECT]) this.consumer.on(lost, () => (this.joined = false));
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: this.messaging.topic(this.options.topic), fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.consume(payload),
    });
    this.committer.start(this.options.commitInterval);
  }

  /** Finishes the work in hand, commits it and leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.joined = false;
    await this.consumer.stop();
    await this.committer.stop();
    await this.consumer.disconnect();
  }

  private async handleMeasured(messages: readonly IncomingMessage[]): Promise<void> {
    const started = performance.now();
    await followTraces(
      `process ${this.options.topic}`,
      () => messages.map((message) => message.header(TRACEPARENT)),
      { 'messaging.batch.message_count': messages.length, 'messaging.consumer.group.name': this.options.group },
      () => this.options.handle(messages),
    );
    this.options.onBatch?.({ size: messages.length, milliseconds: performance.now() - started });
  }

  private async consume(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const goesOn = () => !this.stopping && payload.isRunning() && !payload.isStale();
    for (let from = 0; from < batch.messages.length && goesOn(); from += this.options.maxRecords) {
      const messages = batch.messages
        .slice(from, from + this.options.maxRecords)
        .map((message) => new IncomingMessage(batch.partition, message));
      const last = messages.at(-1);
      if (!last) return;
      const handled = await untilHandled(messages, {
        handle: (some) => keepAlive(this.gathering.submit(some), () => payload.heartbeat()),
        handlePoison: this.options.handlePoison,
        isOutage: (error) => error instanceof UnavailableError,
        goesOn,
        heartbeat: () => payload.heartbeat(),
        onFailure: (error, attempt) =>
          this.messaging.options.logger.error(
            { topic: batch.topic, partition: batch.partition, offset: last.offset, attempt, error: describe(error) },
            'A batch could not be handled and is tried again',
          ),
      });
      if (!handled) return;
      payload.resolveOffset(String(last.offset));
      this.committer.done(batch.partition, last.offset + 1);
      await payload.heartbeat();
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
