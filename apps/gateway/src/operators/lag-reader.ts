import { setTimeout as after } from 'node:timers/promises';
import { consumerGroups, topicOfGroup, topics, UnavailableError, type TopicName } from '@tessera/contracts';
import type { BacklogReader } from '@tessera/messaging';

/** How far one group is behind on one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: TopicName;
  readonly partition: number;
  /** Messages written and not yet committed as done. */
  readonly messages: number;
}

const known = Object.entries(consumerGroups) as [keyof typeof consumerGroups, string][];

/** Reads how far every group of workers is behind. */
export class LagReader {
  private readonly groups: ReadonlyMap<string, TopicName>;

  /**
   * @param feeds groups that feed edges.
   * @param timeout milliseconds after which brokers that do not answer count as down.
   */
  constructor(
    private readonly backlog: BacklogReader,
    feeds: readonly string[],
    private readonly timeout: number,
  ) {
    const others = known.filter(([name]) => name !== 'mergeProjections');
    this.groups = new Map([
      ...others.map(([name, group]) => [group, topicOfGroup[name]] as const),
      ...feeds.map((group) => [group, topics.profileChanged] as const),
    ]);
  }

  /** By group, topic and partition. @throws UnavailableError when the brokers do not answer in time. */
  async read(): Promise<PartitionLag[]> {
    const stop = new AbortController();
    const late = after(this.timeout, undefined, { signal: stop.signal, ref: false }).then(
      () => Promise.reject(new UnavailableError('kafka', new Error(`no answer within ${this.timeout} ms`))),
      () => new Promise<never>(() => undefined),
    );
    const reading = Promise.all([...this.groups].map(([group, topic]) => this.readGroup(group, topic)));
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
