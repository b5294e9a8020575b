import { createLogger, Metrics } from '@tessera/observability';
import {
  formatStamp,
  identityEvidenceMessageSchema,
  profileChangedMessageSchema,
  recordHeaders,
  topics,
  type IdentityEvidence,
  type JsonObject,
  type ProfileChange,
  type Tenant,
  type TopicName,
} from '@tessera/contracts';
import { defaultRecordLimits, xidOf, type DataBehavior } from '@tessera/domain';
import { BatchConsumer, ChangePublisher, ensureTopics, IncomingMessage, Messaging, Producer } from '@tessera/messaging';
import {
  ComputedAttributeStore,
  CountedTenants,
  Database,
  DatasetStore,
  DeadLetterReplays,
  DeadLetterStore,
  DeletedHolders,
  DeletionFences,
  ensureIndexes,
  EventWriter,
  FiguresMarks,
  type FragmentDocument,
  FragmentRemover,
  FragmentWriter,
  HiddenBatches,
  IdentitySettingsRepository,
  Ledger,
  NamespaceStore,
  SandboxStore,
  SchemaCatalogue,
  SchemaStore,
  TouchedIdentities,
} from '@tessera/stores';
import {
  deleteTestTopics,
  dropTestDatabase,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { IngestionMetrics } from '../ingestion-metrics.js';
import { NamespaceCatalogue } from './namespaces.js';
import { RecordHandler } from './record.handler.js';
import { RecordReader } from './record-reader.js';
import { RejectedTenants } from './rejected-tenants.js';
import { EvidencePublisher } from './evidence-publisher.js';
import { RecordWriter } from './record-writer.js';

export const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
export const EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';
const TOPIC = 'records';

export interface Sending {
  readonly operation?: string;
  readonly value?: string;
  readonly headers?: Record<string, string>;
  readonly partition?: number;
}

/** The record handler on real MongoDB and Kafka, with what tests say to it and see of it. */
export function handlerBench() {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
  const database = Database.create({ uri: servers.mongodbUri, name });
  const messaging = new Messaging({
    brokers: servers.kafkaBrokers.split(','),
    topicPrefix,
    clientId: 'test',
    logger: createLogger('test', 'silent'),
  });
  const producer = new Producer(messaging);
  const datasets = new DatasetStore(database);
  const namespaces = new NamespaceStore(database);
  const schemas = new SchemaStore(database);
  const deadLetters = new DeadLetterStore(database);
  const ledger = new Ledger(database);
  const prometheus = new Metrics('test');
  const metrics = new IngestionMetrics(prometheus);
  const evidence: IdentityEvidence[] = [];
  const changes: ProfileChange[] = [];
  const schemaIds = new Map<string, string>();
  const listeners: BatchConsumer[] = [];
  let offset = 0;
  let clock = 1_700_000_000_000;

  async function open(): Promise<void> {
    await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
    await Promise.all([
      listen(topics.identityEvidence, (value) => evidence.push(...identityEvidenceMessageSchema.parse(value).evidence)),
      listen(topics.profileChanged, (value) => changes.push(...profileChangedMessageSchema.parse(value).changes)),
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
    await Promise.all(listeners.map((listener) => listener.stop()));
    await producer.close();
    await database.close();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, topicPrefix),
    ]);
  }

  /**
   * @param counter another ledger than the real one, as that of a worker that dies before it counts.
   * @param fences another reader of deletions, as one that is interrupted.
   */
  function newHandler(counter = ledger, fences = new DeletionFences(database)): RecordHandler {
    return new RecordHandler({
      tenants: new RejectedTenants(new SandboxStore(database)),
      reader: new RecordReader({
        datasets,
        namespaces: new NamespaceCatalogue(namespaces),
        schemas: new SchemaCatalogue(schemas),
        fences,
        limits: defaultRecordLimits,
        computedRoot: '_tessera',
      }),
      writer: new RecordWriter({
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
      }),
      deadLetters,
      producer,
      replays: new DeadLetterReplays(database),
      ledger: counter,
      metrics,
      topic: TOPIC,
      maxBytes: 1_048_576,
      deadLetterRetentionDays: 30,
    });
  }

  async function dataset(
    schema: string,
    tags: { profile?: boolean; identity?: boolean; upsert?: boolean; behavior?: DataBehavior } = {},
  ): Promise<string> {
    const { profile = true, identity = true, upsert = false } = tags;
    const { behavior = schema === EVENT ? 'time-series' : 'record' } = tags;
    const created = await datasets.create({
      tenant,
      name: `dataset ${(offset += 1)}`,
      schemaRef: { id: schema },
      tags: {},
      rules: { behavior, profile, identity, upsert },
      created: clock,
      updated: clock,
      version: '1.0.0',
      createdUser: 'test',
    });
    if (created === 'name-taken') throw new Error(created);
    schemaIds.set(created.id, schema);
    return created.id;
  }

  function message(
    datasetId: string,
    entity: JsonObject,
    { operation, value, headers, partition = 0 }: Sending = {},
  ): IncomingMessage {
    offset += 1;
    clock += 1;
    const envelope = {
      header: {
        datasetId,
        schemaRef: { id: schemaIds.get(datasetId) ?? PROFILE },
        ...(operation && { operations: { data: operation } }),
      },
      body: { xdmMeta: {}, xdmEntity: entity },
    };
    const stamped = headers ?? {
      [recordHeaders.organisation]: tenant.organisation,
      [recordHeaders.sandbox]: tenant.sandbox,
      [recordHeaders.stamp]: formatStamp({ acceptedAt: clock, position: '0', transactionId: 't', requestId: 'r' }),
    };
    return new IncomingMessage(partition, {
      key: null,
      value: Buffer.from(value ?? JSON.stringify(envelope)),
      timestamp: String(clock),
      attributes: 0,
      offset: String(offset),
      headers: Object.fromEntries(Object.entries(stamped).map(([key, text]) => [key, Buffer.from(text)])),
    });
  }

  const person = (id: string, more: JsonObject = {}): JsonObject => ({
    identityMap: { Email: [{ id, primary: true }] },
    ...more,
  });
  const aged = (id: string, date: string, more: JsonObject = {}) =>
    person(id, { extSourceSystemAudit: { lastUpdatedDate: date }, ...more });

  async function fragment(datasetId: string, email: string): Promise<FragmentDocument | null> {
    const _id = `${datasetId}.${xidOf(tenant, 'email', email)}`;
    return database.collection<FragmentDocument>('fragments').findOne({ _id });
  }

  async function bodyOf(datasetId: string, email: string): Promise<unknown> {
    const body = (await fragment(datasetId, email))?.body;
    return body === undefined ? undefined : (JSON.parse(body) as unknown);
  }

  async function counts(datasetId: string) {
    return (await ledger.counts(tenant)).find((count) => count.datasetId === datasetId);
  }

  return {
    tenant,
    database,
    messaging,
    producer,
    namespaces,
    schemas,
    deadLetters,
    ledger,
    prometheus,
    evidence,
    changes,
    now: () => clock,
    open,
    close,
    newHandler,
    dataset,
    message,
    person,
    aged,
    fragment,
    bodyOf,
    counts,
  };
}
