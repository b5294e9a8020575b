import { pathToFileURL } from 'node:url';
import { ingestionWorkerSchema, loadConfiguration } from '@tessera/config';
import type { JobType } from '@tessera/contracts';
import { defaultRecordLimits } from '@tessera/domain';
import { JobWorker, type JobHandler, jobSettings } from '@tessera/jobs';
import { ChangePublisher, type Messaging, type Producer } from '@tessera/messaging';
import { Metrics, type Logger } from '@tessera/observability';
import {
  ComputedAttributeStore,
  CountedTenants,
  type Database,
  DatasetStore,
  DeletedHolders,
  DeletionFences,
  EventWriter,
  FiguresMarks,
  FragmentRemover,
  FragmentWriter,
  HiddenBatches,
  IdentitySettingsRepository,
  Ledger,
  NamespaceStore,
  SchemaCatalogue,
  SchemaStore,
  TouchedIdentities,
} from '@tessera/stores';
import { testServers } from '@tessera/testing';
import { IngestionMetrics } from '../ingestion-metrics.js';
import { NamespaceCatalogue } from '../records/namespaces.js';
import { RecordReader } from '../records/record-reader.js';
import { EvidencePublisher } from '../records/evidence-publisher.js';
import { RecordWriter } from '../records/record-writer.js';
import { composeBatches } from './compose-batches.js';

interface WorkerParts {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly logger: Logger;
  readonly redisPrefix: string;
  /** Where the files of batches are. */
  readonly folder: string;
}

/** Starts the part of an ingestion worker that works on batches. Stopping twice is fine. */
export function startBatchWorker({ redisPrefix, folder, logger, ...shared }: WorkerParts): { stop(): Promise<void> } {
  const servers = testServers();
  const { database, producer } = shared;
  const configuration = loadConfiguration(ingestionWorkerSchema, {
    KAFKA_BROKERS: servers.kafkaBrokers,
    MONGODB_URI: servers.mongodbUri,
    REDIS_URL: servers.redisUrl,
    REDIS_PREFIX: redisPrefix,
    OBJECT_STORAGE_URL: pathToFileURL(folder).href,
    JOB_LOCK_MS: '2000',
  });
  const metrics = new IngestionMetrics(new Metrics('test'));
  const fences = new DeletionFences(database);
  const reader = new RecordReader({
    datasets: new DatasetStore(database),
    namespaces: new NamespaceCatalogue(new NamespaceStore(database)),
    schemas: new SchemaCatalogue(new SchemaStore(database)),
    fences,
    limits: defaultRecordLimits,
    computedRoot: '_tessera',
  });
  const writer = new RecordWriter({
    fragments: new FragmentWriter(database),
    events: new EventWriter(database),
    fences,
    deletedHolders: new DeletedHolders({
      fences,
      hidden: new HiddenBatches(database),
      touched: new TouchedIdentities(database),
    }),
    fragmentRemover: new FragmentRemover(database),
    counted: new CountedTenants(new ComputedAttributeStore(database)),
    marks: new FiguresMarks(database),
    evidence: new EvidencePublisher({
      producer,
      changes: new ChangePublisher(producer),
      settings: new IdentitySettingsRepository(database),
    }),
    producer,
    metrics,
  });
  const ledger = new Ledger(database);
  const batches = composeBatches({ ...shared, configuration, reader, writer, ledger, metrics });
  const handlers = [...batches.handlers, idle('REPLAY_DEAD_LETTERS'), idle('BACKFILL_TTL')];
  const jobs = new JobWorker({
    ...shared,
    queue: 'ingestion',
    handlers,
    logger,
    metrics: new Metrics('jobs'),
    ...jobSettings(configuration),
    prepare: () => Promise.resolve(),
  });
  jobs.onApplicationBootstrap();
  let stopping: Promise<void> | undefined;
  const stopOnce = async () => {
    await jobs.beforeApplicationShutdown();
    await jobs.close();
    await batches.close();
  };
  return { stop: () => (stopping ??= stopOnce()) };
}

/** Jobs of other kinds do not come here. */
function idle(type: JobType): JobHandler {
  return { type, run: () => Promise.reject(new Error(`nobody asked for ${type}`)) };
}
