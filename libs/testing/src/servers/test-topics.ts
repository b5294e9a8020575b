import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { eventually } from '../eventually.js';

const PREFIX = 'tessera-test-';

/** A topic and group prefix no other test run uses. */
export function uniqueTopicPrefix(): string {
  return `${PREFIX}${randomBytes(6).toString('hex')}-`;
}

/** A topic that is to be. */
export interface TopicToCreate {
  readonly topic: string;
  readonly partitions: number;
}

/**
 * Creates topics and waits until each partition's broker answers for it; existing ones are left as they are. The client's
 * own wait for leaders fails where the broker that is asked has not heard of a topic yet.
 */
export async function createTopics(brokers: string, topics: readonly TopicToCreate[]): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({
      topics: topics.map(({ topic, partitions }) => ({ topic, numPartitions: partitions, replicationFactor: 1 })),
      waitForLeaders: false,
    });
    for (const { topic, partitions } of topics) {
      await eventually(async () => {
        const answering = await admin.fetchTopicOffsets(topic);
        if (answering.length < partitions) throw new Error(`${answering.length} of ${partitions} partitions answer`);
      });
    }
  });
}

/**
 * Deletes every topic with this prefix, and every consumer group with it that has no members left.
 *
 * @throws Error for a prefix that is not a test's: nothing else may be deleted.
 */
export async function deleteTestTopics(brokers: string, prefix: string): Promise<void> {
  if (!prefix.startsWith(PREFIX))
    throw new Error(`Refused to delete topics "${prefix}…": a test prefix is ${PREFIX}….`);
  await withAdmin(brokers, async (admin) => {
    const { groups } = await admin.listGroups();
    const groupIds = groups.map((group) => group.groupId).filter((groupId) => groupId.startsWith(prefix));
    if (groupIds.length > 0) {
      const { groups: described } = await admin.describeGroups(groupIds);
      const idle = described.filter((group) => group.members.length === 0).map((group) => group.groupId);
      if (idle.length > 0) await admin.deleteGroups(idle);
    }
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}

async function withAdmin<Result>(brokers: string, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Kafka({
    clientId: 'tessera-tests',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
