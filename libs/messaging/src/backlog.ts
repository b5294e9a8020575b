import type { Admin } from 'kafkajs';
import { UnavailableError, type TopicName } from '@tessera/contracts';
import type { Messaging } from './kafka.js';

/** How far a consumer group is behind on one topic. */
export interface Backlog {
  readonly topic: TopicName;
  /** Messages written and not yet committed as done by the group. */
  readonly messages: number;
  readonly partitions: readonly { readonly partition: number; readonly messages: number; readonly end: number }[];
}

/** Reads how far consumer groups are behind. Keeps one administrative connection. */
export class BacklogReader {
  private readonly admin: Admin;
  private connected: Promise<void> | undefined;

  constructor(private readonly messaging: Messaging) {
    this.admin = messaging.kafka.admin({ retry: { retries: 1, initialRetryTime: 50 } });
  }

  /** @throws UnavailableError when the brokers do not answer. */
  async read(topic: TopicName, group: string): Promise<Backlog> {
    try {
      return await this.fetch(topic, group);
    } catch (error) {
      throw new UnavailableError('kafka', error);
    }
  }

  private async fetch(topic: TopicName, group: string): Promise<Backlog> {
    this.connected ??= this.admin.connect().catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    await this.connected;
    const name = this.messaging.topic(topic);
    const [ends, committed] = await Promise.all([
      this.admin.fetchTopicOffsets(name),
      this.admin.fetchOffsets({ groupId: this.messaging.group(group), topics: [name] }),
    ]);
    const done = new Map(
      committed[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const) ?? [],
    );
    const partitions = ends.map(({ partition, high, low }) => ({
      partition,
      messages: Number(high) - Math.max(Number(low), done.get(partition) ?? 0),
      end: Number(high),
    }));
    return { topic, messages: partitions.reduce((sum, { messages }) => sum + messages, 0), partitions };
  }

  async close(): Promise<void> {
    if (this.connected) await this.admin.disconnect();
  }
}
