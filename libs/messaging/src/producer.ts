import { CompressionTypes, Partitioners, type Producer as KafkaProducer } from 'kafkajs';
import { UnavailableError, type TopicName } from '@tessera/contracts';
import { beginSending } from '@tessera/observability';
import type { Messaging } from './kafka.js';

/** A message on its way out. A key decides the partition, unless one is named. */
export interface OutgoingMessage {
  readonly key?: string;
  readonly value: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly partition?: number;
}

export interface ProducerOptions {
  /** Produce requests under way at once; what arrives meanwhile goes together in the next one. */
  readonly maxRequests?: number;
  /** Messages of one produce request. */
  readonly maxMessagesPerRequest?: number;
  /** Milliseconds a broker that failed is left alone; sends are refused at once meanwhile. */
  readonly pauseAfterFailure?: number;
}

interface Waiting {
  readonly topic: string;
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes messages. A resolved {@link send} means that every in-sync replica has them.
 *
 * Sends that arrive while the allowed requests are under way are joined into the next request, so many small sends cost
 * what few large ones do. A failed request may still have reached the broker: consumers must bear repeats, which every
 * consumer here does, and that is why the broker's own de-duplication is not switched on.
 */
export class Producer {
  private readonly kafkaProducer: KafkaProducer;
  private readonly waiting: Waiting[] = [];
  private underWay = 0;
  private refusedUntil = 0;
  private lastFailure: unknown;

  constructor(
    private readonly messaging: Messaging,
    private readonly options: ProducerOptions = {},
  ) {
    this.kafkaProducer = messaging.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 50, maxRetryTime: 250, retries: 3 },
    });
  }

  async connect(): Promise<void> {
    await this.kafkaProducer.connect();
  }

  /** Waits for what is under way, then leaves. */
  async close(): Promise<void> {
    await this.kafkaProducer.disconnect();
  }

  /**
   * @throws UnavailableError when the brokers did not take the messages; they may or may not be on the topic.
   */
  send(topic: TopicName | `${TopicName}.dead`, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (Date.now() < this.refusedUntil) return Promise.reject(new UnavailableError('kafka', this.lastFailure));
    const step = beginSending(topic);
    if (!step) return this.enqueue(topic, messages);
    const traced = messages.map((message) => ({ ...message, headers: { ...message.headers, ...step.headers() } }));
    return this.enqueue(topic, traced).then(
      () => step.end(),
      (error: unknown) => {
        step.end({ failed: true });
        throw error;
      },
    );
  }

  private enqueue(topic: TopicName | `${TopicName}.dead`, messages: readonly OutgoingMessage[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic: this.messaging.topic(topic), messages, resolve, reject });
      this.startRequest();
    });
  }

  private startRequest(): void {
    if (this.waiting.length === 0 || this.underWay >= (this.options.maxRequests ?? 2)) return;
    const taken = this.takeWaiting();
    this.underWay += 1;
    this.request(taken)
      .then(
        () => {
          for (const send of taken) send.resolve();
        },
        (error: unknown) => {
          this.lastFailure = error;
          this.refusedUntil = Date.now() + (this.options.pauseAfterFailure ?? 500);
          for (const send of taken) send.reject(new UnavailableError('kafka', error));
        },
      )
      .finally(() => {
        this.underWay -= 1;
        this.startRequest();
      });
  }

  private takeWaiting(): Waiting[] {
    const limit = this.options.maxMessagesPerRequest ?? 4_000;
    let messages = 0;
    let sends = 0;
    for (const send of this.waiting) {
      if (sends > 0 && messages + send.messages.length > limit) break;
      messages += send.messages.length;
      sends += 1;
    }
    return this.waiting.splice(0, sends);
  }

  private async request(sends: readonly Waiting[]): Promise<void> {
    const byTopic = new Map<string, OutgoingMessage[]>();
    for (const { topic, messages } of sends) {
      const together = byTopic.get(topic);
      if (together) together.push(...messages);
      else byTopic.set(topic, [...messages]);
    }
    await this.kafkaProducer.sendBatch({
      acks: -1,
      compression: CompressionTypes.None,
      topicMessages: [...byTopic].map(([topic, messages]) => ({
        topic,
        messages: messages.map(({ key, value, headers, partition }) => ({
          key: key ?? null,
          value,
          ...(headers && { headers }),
          ...(partition !== undefined && { partition }),
        })),
      })),
    });
  }
}
