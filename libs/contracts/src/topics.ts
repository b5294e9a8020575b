/** A Kafka topic of the platform: its versioned name, without the deployment's prefix. */
export type TopicName = (typeof topics)[keyof typeof topics];

/** Every topic. Names carry the version of their payload: an incompatible payload is a new topic. */
export const topics = {
  /** Records and events as accepted, keyed by primary XID, which is the tenant's own. Producers may write here directly. */
  record: 'profile.record.v1',
  /** Which identities were seen, and seen together, as far as that is news; written by the ingestion worker. */
  identityEvidence: 'identity.evidence.v1',
  /** Which days of whose events computed attributes count anew; written by the ingestion worker. */
  eventsStored: 'event.stored.v1',
  /** Whose linking rules changed; written by the gateway, and by the merge worker while some of its work remains. */
  identitySettings: 'identity.settings.v1',
  /** Which evidence is to be forgotten; written by the ingestion worker, and by the merge worker while it has to wait. */
  identityWithdrawal: 'identity.withdrawal.v1',
  /** Long work for the ingestion workers: batches, replays of dead letters, changes of expiry. Written by the gateway. */
  ingestionCommand: 'ingestion.command.v1',
  /** Exports to make. This and the following carry long work (`jobQueues`), written by the gateway. */
  exportCommand: 'export.command.v1',
  /** Samples to draw and reports to make. */
  sampleCommand: 'sample.command.v1',
  /** Datasets, batches, people and sandboxes to delete. */
  deletionCommand: 'deletion.command.v1',
  /** Computed attributes to evaluate over stored events. */
  computedAttributeCommand: 'computed-attribute.command.v1',
  /** Which people changed; written by the merge worker, and by the ingestion worker where the graph does not change by it. */
  profileChanged: 'profile.changed.v1',
} as const;

/** The topic that keeps what the consumer of `topic` could not even decode; of records, who was told why (`RejectionNotice`). */
export function deadTopic(topic: TopicName): `${TopicName}.dead` {
  return `${topic}.dead`;
}

/** Consumer groups, without the deployment's prefix: one for each kind of worker. */
export const consumerGroups = {
  ingestion: 'ingestion-worker',
  /** A group of its own: members of one group must all read the same topics. */
  ingestionCommands: 'ingestion-worker-commands',
  exportCommands: 'export-worker-commands',
  sampleCommands: 'sampling-worker-commands',
  deletionCommands: 'deletion-worker-commands',
  computedAttributeCommands: 'merge-worker-computed-attribute-commands',
  merge: 'merge-worker',
  /** A group of its own: members of one group must all read the same topics. */
  mergeSettings: 'merge-worker-settings',
  /** A group of its own, likewise. */
  mergeWithdrawals: 'merge-worker-withdrawals',
  /** A group of its own, likewise. */
  mergeProjections: 'merge-worker-projections',
  mergeFigures: 'merge-worker-figures',
} as const;

/** One Redis that holds copies of edges, and the group that feeds it. */
export interface EdgeFeed<DataCenter> {
  /** Consumer group, without the deployment's prefix. */
  readonly group: string;
  readonly dataCenters: readonly DataCenter[];
}

/**
 * Who feeds which data centres: those in the platform's Redis are fed together, each that has a Redis of its own by a
 * group of its own, so that one that is away holds back no other.
 */
export function edgeFeeds<DataCenter extends { readonly name: string; readonly redisUrl?: string | undefined }>(
  dataCenters: readonly DataCenter[],
): readonly EdgeFeed<DataCenter>[] {
  const { mergeProjections: group } = consumerGroups;
  const shared = dataCenters.filter(({ redisUrl }) => redisUrl === undefined);
  const own = dataCenters.filter(({ redisUrl }) => redisUrl !== undefined);
  return [
    { group, dataCenters: shared },
    ...own.map((dataCenter) => ({ group: `${group}-${dataCenter.name}`, dataCenters: [dataCenter] })),
  ].filter((feed) => feed.dataCenters.length > 0);
}

/** Which topic each group reads. */
export const topicOfGroup: Readonly<Record<keyof typeof consumerGroups, TopicName>> = {
  ingestion: topics.record,
  ingestionCommands: topics.ingestionCommand,
  exportCommands: topics.exportCommand,
  sampleCommands: topics.sampleCommand,
  deletionCommands: topics.deletionCommand,
  computedAttributeCommands: topics.computedAttributeCommand,
  merge: topics.identityEvidence,
  mergeSettings: topics.identitySettings,
  mergeWithdrawals: topics.identityWithdrawal,
  mergeProjections: topics.profileChanged,
  mergeFigures: topics.eventsStored,
};
