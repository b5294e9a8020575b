import { setTimeout as after } from 'node:timers/promises';
import { consumerGroups, topicOfGroup, UnavailableError, type TopicName } from '@tessera/contracts';
import type { BacklogReader } from '@tessera/messaging';

/** How far one group is behind on one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: TopicName;
  readonly partition: number;
  /** Messages written and not yet committed as done. */
  readonly messages: number;
}

const groups = Object.entries(consumerGroups) as [keyof typeof consumerGroups, string][];

/** Reads how far every group of workers is behind. */
export class LagReader {
  /** @param timeout milliseconds after which brokers that do not answer count as down. */
  constructor(
    private readonly backlog: BacklogReader,
    private readonly timeout: number,
  ) {}

  /** By group, topic and partition. @throws UnavailableError when the brokers do not answer in time. */
  async read(): Promise<PartitionLag[]> {
    const stop = new AbortController();
    const late = after(this.timeout, undefined, { signal: stop.signal, ref: false }).then(
      () => Promise.reject(new UnavailableError('kafka', new Error(`no answer within ${this.timeout} ms`))),
      () => new Promise<never>(() => undefined),
    );
    const reading = Promise.all(groups.map(([name, group]) => this.readGroup(group, topicOfGroup[name])));
    reading.catch(() => undefined);
    try {
      return (await Promise.race([reading, late])).flat();
    } finally {
      stop.abort();
    }
  }

  private async readGroup(group: string, topic: TopicName): Promise<PartitionLag[]> {
    const { partitions } = await this.backlog.read(topic, group);
    return partitions
      .map(({ partition, messages }) => ({ group, topic, partition, messages }))
      .sort((one, other) => one.partition - other.partition);
  }
}
