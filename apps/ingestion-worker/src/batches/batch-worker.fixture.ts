import { pathToFileURL } from 'node:url';
import { ingestionWorkerSchema, loadConfiguration } from '@tessera/config';
import { defaultRecordLimits } from '@tessera/domain';
import type { Messaging, Producer } from '@tessera/messaging';
import { Metrics, type Logger } from '@tessera/observability';
import {
  DatasetStore,
  EventWriter,
  FragmentWriter,
  Ledger,
  NamespaceStore,
  SchemaCatalogue,
  SchemaStore,
  type Database,
} from '@tessera/stores';
import { testServers } from '@tessera/testing';
import { composeCommands } from '../commands/compose-commands.js';
import { IngestionMetrics } from '../ingestion-metrics.js';
import { NamespaceCatalogue } from '../records/namespaces.js';
import { RecordReader } from '../records/record-reader.js';
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
  const reader = new RecordReader({
    datasets: new DatasetStore(database),
    namespaces: new NamespaceCatalogue(new NamespaceStore(database)),
    schemas: new SchemaCatalogue(new SchemaStore(database)),
    limits: defaultRecordLimits,
  });
  const writer = new RecordWriter({
    fragments: new FragmentWriter(database),
    events: new EventWriter(database),
    producer,
    metrics,
  });
  const ledger = new Ledger(database);
  const { handlers, close } = composeBatches({ ...shared, configuration, reader, writer, ledger, metrics });
  const prepare = () => Promise.resolve();
  const { consumer, longWork, queue } = composeCommands({ ...shared, configuration, logger, handlers, prepare });
  consumer.onApplicationBootstrap();
  let stopping: Promise<void> | undefined;
  const stopOnce = async () => {
    await longWork.beforeApplicationShutdown();
    await consumer.beforeApplicationShutdown();
    await queue.close();
    await close();
  };
  return { stop: () => (stopping ??= stopOnce()) };
}
