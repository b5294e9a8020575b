import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportWorkerSchema, loadConfiguration } from '@tessera/config';
import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import { builtInNamespaces, type ExportOrder } from '@tessera/domain';
import { JobCommands, JobWorker } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createObjectStorage } from '@tessera/object-storage';
import { createLogger, Metrics } from '@tessera/observability';
import { PqlProgram } from '@tessera/pql';
import {
  BatchStore,
  ComputedAttributeStore,
  Database,
  ensureIndexes,
  EventWriter,
  exportJobId,
  ExportStore,
  figuresKeyOf,
  FiguresMarks,
  FragmentWriter,
  JobStore,
  MongoIdentityGraphWriter,
  OutputFileReader,
  Snapshots,
  type EventWrite,
  type FragmentWrite,
  type JobStatus,
} from '@tessera/stores';
import {
  deleteTestKeys,
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  readParquet,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { composeExports } from '../compose-exports.js';

export interface WorkerSettings {
  /** Identities in one range. */
  readonly rangePeople?: number;
  readonly fileBytes?: number;
}

/** Exports on real MongoDB, Kafka, Redis and files, with what tests put in and get out. */
export function exportBench() {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const prefix = uniqueTopicPrefix();
  const logger = createLogger('test', 'silent');
  const database = Database.create({ uri: servers.mongodbUri, name });
  const brokers = servers.kafkaBrokers.split(',');
  const messaging = new Messaging({ brokers, topicPrefix: prefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  const jobs = new JobStore(database);
  const snapshots = new Snapshots(database);
  const fragmentWriter = new FragmentWriter(database);
  const eventWriter = new EventWriter(database);
  const types = new Map(builtInNamespaces.map(({ code, idType }) => [code.toLowerCase(), idType]));
  const graph = new MongoIdentityGraphWriter(database, { namespaces: { typesOf: () => Promise.resolve(types) } });
  const stops: (() => Promise<void>)[] = [];
  let folder = '';
  let tenants = 0;
  let exported = 0;

  const storage = () => createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(folder).href });

  async function open(): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), 'tessera-exports-'));
    await Promise.all([ensureIndexes(database), ensureTopics(messaging, 2, 1), producer.connect()]);
  }

  async function stopWorkers(): Promise<void> {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  }

  async function close(): Promise<void> {
    await stopWorkers();
    await deleteTestKeys(servers.redisUrl, prefix);
    await producer.close();
    await database.close();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, prefix),
      rm(folder, { recursive: true }),
    ]);
  }

  /** Starts the part of an export worker that does jobs. */
  function startWorker({ rangePeople = 50_000, fileBytes = 10_000_000 }: WorkerSettings = {}): {
    stop(): Promise<void>;
  } {
    const configuration = loadConfiguration(exportWorkerSchema, {
      KAFKA_BROKERS: servers.kafkaBrokers,
      MONGODB_URI: servers.mongodbUri,
      REDIS_URL: servers.redisUrl,
      OBJECT_STORAGE_URL: pathToFileURL(folder).href,
      EXPORT_RANGE_PEOPLE: String(rangePeople),
      EXPORT_FILE_BYTES: String(fileBytes),
    });
    const { handler } = composeExports({ configuration, database, logger, metrics: new Metrics('test') });
    const worker = new JobWorker({
      queue: 'export',
      handlers: [handler],
      metrics: new Metrics('test'),
      ...{ database, messaging, producer, logger },
      redisUrl: servers.redisUrl,
      redisPrefix: prefix,
      concurrency: 2,
      partConcurrency: 2,
      lockDuration: 2_000,
      commitInterval: 50,
      prepare: () => Promise.resolve(),
    });
    worker.onApplicationBootstrap();
    let stopping: Promise<void> | undefined;
    const stopOnce = async () => {
      await worker.beforeApplicationShutdown();
      await worker.close();
    };
    const stop = () => (stopping ??= stopOnce());
    stops.push(stop);
    return { stop };
  }

  /** Commissions an export as the gateway does. */
  async function submit(tenant: Tenant, order: Partial<ExportOrder> = {}): Promise<SubmittedExport> {
    exported += 1;
    const batchId = `01EXPORT${String(exported).padStart(18, '0')}`;
    const whole: ExportOrder = {
      number: exported,
      datasetId: 'target',
      format: 'parquet',
      outputs: [{ batchId }],
      policy: { graph: 'pdg', attributeMerge: { type: 'timestampOrdered' } },
      people: {},
      emptyProfiles: false,
      snapshot: await snapshots.take(),
      ...order,
    };
    const jobId = exportJobId(tenant.organisation, exported);
    await new JobCommands(jobs, producer).submit(tenant, {
      id: jobId,
      type: 'EXPORT',
      properties: { order: JSON.parse(JSON.stringify(whole)) as JsonObject },
      requestedBy: 'me',
      requestId: 'r',
      createdAt: Date.now(),
    });
    return { jobId, batchIds: whole.outputs.map((output) => output.batchId), format: whole.format };
  }

  async function ended(tenant: Tenant, { jobId }: SubmittedExport, status: JobStatus = 'SUCCESS') {
    return eventually(
      async () => {
        const job = await jobs.find(tenant, jobId);
        if (job?.status !== status) throw new Error(`the job is ${job?.status}: ${job?.error}`);
        return job;
      },
      { timeout: 150_000 },
    );
  }

  /** The rows of an export's batches, from its files as an independent reader reads them. */
  async function rowsOf(tenant: Tenant, { batchIds, format }: SubmittedExport): Promise<JsonObject[]> {
    const rows: JsonObject[] = [];
    for (const batchId of batchIds) {
      for (const { key } of await new OutputFileReader(database).list(tenant, batchId, { start: 0, limit: 1_000 })) {
        if (format === 'parquet') rows.push(...(await readParquet(storage().localPath(key) ?? '')));
        else rows.push(...(await linesOf(key)));
      }
    }
    return rows;
  }

  async function linesOf(key: string): Promise<JsonObject[]> {
    let text = '';
    for await (const chunk of await storage().read(key)) text += String(chunk);
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as JsonObject);
  }

  return {
    ...{ database, jobs, snapshots, storage, open, close, startWorker, stopWorkers, submit, ended, rowsOf },
    batches: new BatchStore(database),
    files: new OutputFileReader(database),
    exports: new ExportStore(database),
    /** A sandbox nobody else uses. */
    newTenant: (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` }),
    /** Stores records. */
    apply: (tenant: Tenant, writes: readonly FragmentWrite[]) => fragmentWriter.apply(tenant, writes),
    applyEvents: (tenant: Tenant, writes: readonly EventWrite[]) => eventWriter.apply(tenant, writes),
    /** Stores events and marks what is counted from them, as ingestion does. */
    countEvents: async (tenant: Tenant, writes: readonly EventWrite[]) => {
      await eventWriter.apply(tenant, writes);
      await new FiguresMarks(database).mark(tenant, writes.map(figuresKeyOf));
    },
    /** Publishes an attribute computed over a week. */
    compute: async (tenant: Tenant, name: string, expression: string) => {
      const { mergeFunction, xdmType } = new PqlProgram(expression);
      const at = Date.now();
      await new ComputedAttributeStore(database).insert({
        ...{ id: randomUUID(), countedAs: randomUUID(), tenant, name, displayName: name, description: '' },
        ...{ expression, duration: { count: 7, unit: 'DAYS' }, status: 'PROCESSED', mergeFunction, xdmType },
        ...{ keepCurrent: false, createdAt: at, updatedAt: at, createdBy: 'test' },
      });
    },
    /** Lets the graph see people, each of some identities. */
    see: (tenant: Tenant, people: readonly (readonly Identity[])[]) =>
      graph.apply(
        tenant,
        people.map((identities) => ({
          identities: [...identities],
          ...{ links: true, datasetId: 'a', first: 1, last: 1, acceptedAt: 1 },
        })),
      ),
    /** Every file of the store, whether or not anybody can read it. */
    storedFiles: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    loseRedis: () => deleteTestKeys(servers.redisUrl, prefix),
  };
}

export interface SubmittedExport {
  readonly jobId: string;
  readonly batchIds: readonly string[];
  readonly format: ExportOrder['format'];
}
