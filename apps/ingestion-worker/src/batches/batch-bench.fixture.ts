import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { xidOf } from '@tessera/domain';
import {
  identityEvidenceWithdrawnMessageSchema,
  tenantKey,
  topics,
  type IdentityEvidenceWithdrawnMessage,
  profileChangedMessageSchema,
  type JsonObject,
  type Tenant,
  type TopicName,
} from '@tessera/contracts';
import { JobCommands } from '@tessera/jobs';
import { BatchConsumer, ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { batchObjects, createObjectStorage } from '@tessera/object-storage';
import { createLogger } from '@tessera/observability';
import {
  BatchStore,
  Database,
  DatasetStore,
  ensureIndexes,
  EventReader,
  JobStore,
  Ledger,
  type Batch,
  type BatchStatus,
  type EventDocument,
} from '@tessera/stores';
import {
  deleteTestKeys,
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { batchTopic } from './file-applier.js';
import { startBatchWorker } from './batch-worker.fixture.js';

export const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
export const EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';

/** A row: the event `e<id>` of a person known by two addresses. */
export const event = (id: number, more: object = {}) =>
  JSON.stringify({
    _id: `e${id}`,
    timestamp: '2024-01-01T00:00:00Z',
    identityMap: { Email: [{ id: `p${id}@example.com`, primary: true }, { id: `q${id}@example.com` }] },
    ...more,
  });

/** The work on batches on real MongoDB, Kafka, Redis and files, with what tests say to it and see of it. */
export function batchBench() {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const prefix = uniqueTopicPrefix();
  const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
  const logger = createLogger('test', 'silent');
  const database = Database.create({ uri: servers.mongodbUri, name });
  const messaging = new Messaging({
    brokers: servers.kafkaBrokers.split(','),
    topicPrefix: prefix,
    clientId: 'test',
    logger,
  });
  const producer = new Producer(messaging);
  const jobs = new JobStore(database);
  const batches = new BatchStore(database);
  const datasets = new DatasetStore(database);
  const ledger = new Ledger(database);
  const withdrawals: IdentityEvidenceWithdrawnMessage[] = [];
  /** XIDs of everybody who was said to have changed. */
  const changed = new Set<string>();
  const listeners: BatchConsumer[] = [];
  const events = database.collection<EventDocument>('events');
  const stops: (() => Promise<void>)[] = [];
  let folder = '';
  let number = 0;

  async function open(): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), 'tessera-batches-'));
    await Promise.all([ensureIndexes(database), ensureTopics(messaging, 2, 1), producer.connect()]);
    await Promise.all([
      listen(topics.identityWithdrawal, (value) =>
        withdrawals.push(identityEvidenceWithdrawnMessageSchema.parse(value)),
      ),
      listen(topics.profileChanged, (value) => {
        for (const { members } of profileChangedMessageSchema.parse(value).changes) {
          for (const xid of members) changed.add(xid);
        }
      }),
    ]);
  }

  /** Hears everything on a topic. */
  async function listen(topic: TopicName, hear: (value: unknown) => void): Promise<void> {
    const consumer = new BatchConsumer(messaging, {
      topic,
      group: `test-${topic}`,
      handle: (messages) => {
        for (const { value } of messages) hear(JSON.parse(value.toString()));
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 50,
    });
    await consumer.start();
    listeners.push(consumer);
  }

  async function close(): Promise<void> {
    await stopWorkers();
    await loseRedis();
    await Promise.all(listeners.map((listener) => listener.stop()));
    await producer.close();
    await database.close();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, prefix),
      rm(folder, { recursive: true }),
    ]);
  }

  const storage = () => createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(folder).href });

  /** Starts an ingestion worker's part that does jobs. */
  function startWorker(): { stop(): Promise<void> } {
    const worker = startBatchWorker({ database, messaging, producer, logger, redisPrefix: prefix, folder });
    stops.push(() => worker.stop());
    return worker;
  }

  async function stopWorkers(): Promise<void> {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  }

  /** Deletes this test's keys: a flushed Redis, as far as they are concerned. */
  async function loseRedis(): Promise<void> {
    await deleteTestKeys(servers.redisUrl, prefix);
  }

  async function dataset(schema = EVENT): Promise<string> {
    number += 1;
    const created = await datasets.create({
      tenant,
      name: `dataset ${number}`,
      schemaRef: { id: schema },
      tags: {},
      rules: { behavior: schema === EVENT ? 'time-series' : 'record', profile: true, identity: true, upsert: false },
      created: number,
      updated: number,
      version: '1.0.0',
      createdUser: 'test',
    });
    if (created === 'name-taken') throw new Error(created);
    return created.id;
  }

  /** A completed batch with these files; nobody works on it before {@link submit}. */
  async function loadedBatch(datasetId: string, files: readonly string[], more: Partial<Batch> = {}): Promise<Batch> {
    number += 1;
    const id = `01BATCH${String(number).padStart(19, '0')}`;
    const now = Date.now();
    const batch: Batch = {
      id,
      tenant,
      datasetId,
      behavior: 'time-series',
      status: 'loaded',
      inputFormat: { format: 'json' },
      enableErrorDiagnostics: true,
      partialIngestionPercent: 0,
      created: now,
      updated: now,
      completedAt: now,
      createdUser: 'me',
      updatedUser: 'me',
      version: 1,
      requestId: 'r',
      metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 0 },
      errors: [],
      ...more,
    };
    await batches.create(batch);
    for (const [index, text] of files.entries()) {
      const key = batchObjects(tenant, id).upload(`upload-${index}`);
      const size = await storage().put(key, bytes(text));
      const path = `file-${index}.json`;
      const parts = [{ start: 0, size, key }];
      const file = { batchId: id, datasetId, path, index, size, parts, state: 'complete' };
      await database.collection('batch_files').insertOne({ tenant: tenantKey(tenant), ...file });
    }
    return batch;
  }

  async function submit(type: 'INGEST_BATCH' | 'REVERT_BATCH', { id }: Batch): Promise<string> {
    const job = { id: `${type}.${id}`, type, properties: { batchId: id }, requestedBy: 'me', requestId: 'r' };
    await new JobCommands(jobs, producer).submit(tenant, { ...job, createdAt: Date.now() });
    return job.id;
  }

  async function reached({ id }: Batch, status: BatchStatus): Promise<Batch> {
    return eventually(
      async () => {
        const batch = await batches.find(tenant, id);
        if (batch?.status !== status)
          throw new Error(`the batch is ${batch?.status}: ${JSON.stringify(batch?.errors)}`);
        return batch;
      },
      { timeout: 60_000 },
    );
  }

  async function jobEnded(id: string, status = 'SUCCESS') {
    return eventually(
      async () => {
        const job = await jobs.find(tenant, id);
        if (job?.status !== status) throw new Error(`the job is ${job?.status}`);
        return job;
      },
      { timeout: 60_000 },
    );
  }

  /** Every bad row that is kept of a batch. */
  async function rowErrors({ id }: Batch): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for (const { key } of await storage().list(batchObjects(tenant, id).rowErrors)) {
      let text = '';
      for await (const chunk of await storage().read(key)) text += String(chunk);
      for (const line of text.trim().split('\n')) rows.push(JSON.parse(line) as Record<string, unknown>);
    }
    return rows;
  }

  /** Of the people with these numbers, what readers see: event id and `is`. */
  async function visibleEvents(people: readonly number[]): Promise<string[]> {
    const xids = people.map((person) => xidOf(tenant, 'email', `p${person}@example.com`));
    const [read] = await new EventReader(database).findMany(tenant, [{ xids, descending: false, limit: 100 }]);
    return (read?.events ?? []).map(
      ({ eventId, body }) => `${eventId} ${JSON.stringify((JSON.parse(body) as JsonObject)['is'])}`,
    );
  }

  return {
    tenant,
    visibleEvents,
    database,
    batches,
    jobs,
    events,
    withdrawals,
    changed,
    open,
    close,
    dataset,
    startWorker,
    stopWorkers,
    loseRedis,
    loadedBatch,
    submit,
    reached,
    jobEnded,
    rowErrors,
    counts: async (datasetId: string) =>
      (await ledger.counts(tenant)).find((counted) => counted.datasetId === datasetId),
    ledgerOf: ({ id }: Batch) =>
      database.collection('ledger').countDocuments({ _id: new RegExp(`^${batchTopic(id)}/`) as never }),
  };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
