import { consumerGroups, topics, type TopicName } from '@tessera/contracts';
import type { BacklogReader } from '@tessera/messaging';

type Offsets = ReadonlyMap<number, number>;

const groupOf = {
  [topics.record]: consumerGroups.ingestion,
  [topics.identityEvidence]: consumerGroups.merge,
} as const;
type Watched = keyof typeof groupOf & TopicName;

/**
 * Tells when everything that was on its way at a moment has arrived: only then a deletion can be sure that no worker that
 * died with it half done has left anything behind.
 */
export class Arrivals {
  private readonly ends = new Map<string, Offsets>();

  constructor(private readonly backlog: BacklogReader) {}

  /**
   * Whether a topic is read up to where it ended when this was first asked for a deletion.
   *
   * @throws UnavailableError
   */
  async isReached(deletionId: string, topic: Watched): Promise<boolean> {
    const { partitions } = await this.backlog.read(topic, groupOf[topic]);
    const key = `${deletionId}/${topic}`;
    const ends = this.ends.get(key) ?? new Map(partitions.map(({ partition, end }) => [partition, end]));
    this.ends.set(key, ends);
    return partitions.every(({ partition, end, messages }) => end - messages >= (ends.get(partition) ?? 0));
  }

  /** Forgets a deletion that is done. */
  forget(deletionId: string): void {
    for (const topic of Object.keys(groupOf)) this.ends.delete(`${deletionId}/${topic}`);
  }
}
