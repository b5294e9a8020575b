import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';

const PREFIX = 'tessera-test-';

/** A topic and group prefix no other test run uses. */
export function uniqueTopicPrefix(): string {
  return `${PREFIX}${randomBytes(6).toString('hex')}-`;
}

/** Creates topics and waits until each partition has a leader; existing ones are left as they are. */
export async function createTestTopics(
  brokers: string,
  topics: readonly { readonly topic: string; readonly partitions: number }[],
): Promise<void> {
  await withAdmin(brokers, (admin) =>
    admin.createTopics({
      topics: topics.map(({ topic, partitions }) => ({ topic, numPartitions: partitions, replicationFactor: 1 })),
      waitForLeaders: true,
    }),
  );
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
