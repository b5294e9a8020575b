import type { DeletionWorkerConfiguration } from '@tessera/config';
import { EdgeCopies } from '@tessera/edge-store';
import type { JobHandler, RepeatingTask } from '@tessera/jobs';
import { BacklogReader, ChangePublisher, type Messaging, type Producer } from '@tessera/messaging';
import { createObjectStorage, type ObjectStorage, type ObjectStorageEnvironment } from '@tessera/object-storage';
import type { Logger, Metrics } from '@tessera/observability';
import { EdgeFeeder } from '@tessera/projections';
import {
  AbandonedDeletions,
  AuditStore,
  BatchStore,
  ComputedAttributeReader,
  CountedSteps,
  DeadLetterRemover,
  DeletedFigures,
  DeletionReceipts,
  DeletionScan,
  EventRemover,
  FenceSetter,
  FiguresMarks,
  FragmentRemover,
  GraphAnnouncements,
  HiddenBatches,
  IdentityGraphMaintenance,
  IdentityGraphReader,
  IdentityVanisher,
  JobStore,
  NamespaceStore,
  PeopleSnapshots,
  RepeatRelease,
  RememberedNamespaceTypes,
  SandboxRemover,
  SandboxStore,
  TouchedIdentities,
  WithdrawnBatches,
  type Database,
  type TransactionSessions,
} from '@tessera/stores';
import { AbandonedSweep } from './abandoned/abandoned-sweep.js';
import { BatchFileRetention } from './batch-file-retention.js';
import { DeleteDataHandler } from './delete-data.handler.js';
import { DeleteSandboxHandler } from './delete-sandbox.handler.js';
import { DeletionMetrics } from './deletion-metrics.js';
import { Pace } from './pace.js';
import { Conclusion } from './receipt/conclusion.js';
import { ExportMentions } from './receipt/export-mentions.js';
import { Verification } from './receipt/verification.js';
import { Arrivals } from './removal/arrivals.js';
import { BatchRemoval } from './removal/batch-removal.js';
import { ComputedValues } from './removal/computed-values.js';
import { DataRemoval } from './removal/data-removal.js';
import { DeadLetterRemoval } from './removal/dead-letter-removal.js';
import { EdgeRemoval } from './removal/edge-removal.js';
import type { Follower } from './removal/follower.js';
import { GraphRemoval } from './removal/graph-removal.js';
import { SandboxEdges } from './removal/sandbox-edges.js';
import { Settlement } from './removal/settlement.js';

export interface DeletionWorkerParts {
  readonly configuration: ObjectStorageEnvironment &
    Pick<
      DeletionWorkerConfiguration,
      | 'DELETION_STEP'
      | 'BATCH_FILE_RETENTION_DAYS'
      | 'DELETION_PAUSE_MS'
      | 'GRAPH_MAX_IDENTITIES'
      | 'GRAPH_MAX_LINKS'
      | 'EDGE_DATA_CENTERS'
      | 'REDIS_URL'
      | 'REDIS_PREFIX'
      | 'TENANT_NAME'
    >;
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly sessions: TransactionSessions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** As configured when absent. */
  readonly pace?: Pace;
}

/** Puts together what deletes. */
export function composeDeletions(parts: DeletionWorkerParts): {
  readonly handlers: JobHandler[];
  readonly tasks: RepeatingTask[];
  readonly storage: ObjectStorage;
  /** One of the tasks, for those who do not wait for its turn. */
  readonly sweep: AbandonedSweep;
  connect: () => Promise<void>;
  close: () => Promise<void>;
} {
  const { configuration, database, messaging, producer, sessions, logger } = parts;
  const { DELETION_STEP: step, DELETION_PAUSE_MS: pause } = configuration;
  const storage = createObjectStorage(configuration);
  const backlog = new BacklogReader(messaging);
  const arrivals = new Arrivals(backlog);
  const metrics = new DeletionMetrics(parts.metrics);
  const touched = new TouchedIdentities(database);
  const scan = new DeletionScan(database);
  const fences = new FenceSetter(database);
  const events = new EventRemover(database);
  const data = new DataRemoval({
    fragments: new FragmentRemover(database),
    events,
    touched,
    hidden: new HiddenBatches(database),
    repeats: new RepeatRelease(database),
    step,
  });
  const copies = edgesOf(configuration);
  const reader = new IdentityGraphReader(database);
  const edges = new EdgeRemoval({
    edges: copies,
    feeder: new EdgeFeeder(new PeopleSnapshots(database), copies, {
      reader: new ComputedAttributeReader(database),
      tenantName: configuration.TENANT_NAME,
    }),
    reader,
    touched,
  });
  const publisher = new ChangePublisher(producer);
  const vanisher = new IdentityVanisher(database);
  const settlement = new Settlement({ reader, vanisher, publisher, touched, edges });
  const graph = new GraphRemoval({
    maintenance: new IdentityGraphMaintenance(database, {
      namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)),
      sessions,
      limits: { identities: configuration.GRAPH_MAX_IDENTITIES, links: configuration.GRAPH_MAX_LINKS },
    }),
    announcements: new GraphAnnouncements(database),
    publisher,
    touched,
    settlement,
  });
  const deadLetters = new DeadLetterRemoval(new DeadLetterRemover(database), step);
  const stored = new BatchStore(database);
  const batches = new BatchRemoval(stored, storage);
  const days = configuration.BATCH_FILE_RETENTION_DAYS;
  const retention = new BatchFileRetention({ batches: stored, storage, logger, days });
  const followers: Follower[] = [new ComputedValues(new DeletedFigures(database)), edges];
  const audit = new AuditStore(database);
  const [receipts, jobs] = [new DeletionReceipts(database), new JobStore(database)];
  const conclusion = new Conclusion({ jobs, receipts, audit, fences, metrics, logger });
  const [steps, paced] = [new CountedSteps(database, sessions), parts.pace ?? new Pace({ step, pause })];
  const shared = { scan, arrivals, conclusion, steps, metrics, pace: paced };
  const [marks, abandoned] = [new FiguresMarks(database), new AbandonedDeletions(database)];
  const withdrawn = { abandoned, batches: new WithdrawnBatches(database), events };
  const sweep = new AbandonedSweep({ ...withdrawn, jobs, touched, marks, settlement, pace: paced, logger });
  const verification = new Verification({ scan, touched, deadLetters, batches, followers });
  const ofData = {
    ...shared,
    data,
    graph,
    deadLetters,
    batches,
    followers,
    touched,
    abandoned,
    verification,
    mentions: new ExportMentions(jobs, storage),
    stored,
  };
  const ofSandbox = {
    ...shared,
    sandboxes: new SandboxStore(database),
    remover: new SandboxRemover(database),
    edges: new SandboxEdges(copies),
    storage,
    fences,
  };
  return {
    storage,
    sweep,
    tasks: [retention.task(), sweep.task()],
    handlers: [
      new DeleteDataHandler('TRUNCATE_DATASET', ofData),
      new DeleteDataHandler('DELETE_EE_BATCH', ofData),
      new DeleteDataHandler('DELETE_PROFILE', ofData),
      new DeleteSandboxHandler(ofSandbox),
    ],
    connect: async () => {
      await Promise.all(copies.map((edge) => edge.connect()));
    },
    close: async () => {
      for (const edge of copies) edge.close();
      await backlog.close();
    },
  };
}

function edgesOf({
  EDGE_DATA_CENTERS,
  REDIS_URL,
  REDIS_PREFIX: redisPrefix,
}: DeletionWorkerParts['configuration']): EdgeCopies[] {
  return EDGE_DATA_CENTERS.map(({ name: dataCenter, redisUrl = REDIS_URL }) => {
    return new EdgeCopies({ redisUrl, redisPrefix, dataCenter });
  });
}
