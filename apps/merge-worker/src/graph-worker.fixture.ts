import type { Identity, IdentityEvidence, Tenant, TopicName } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { BatchConsumer, ChangePublisher, ensureTopics, IncomingMessage, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import {
  Database,
  DeletionFences,
  ensureIndexes,
  GraphAnnouncements,
  IdentityGraphMaintenance,
  IdentityGraphReader,
  IdentitySettingsRepository,
  MongoIdentityGraphWriter,
  NamespaceStore,
  RememberedNamespaceTypes,
} from '@tessera/stores';
import {
  deleteTestTopics,
  dropTestDatabase,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { GraphMetrics } from './graph-metrics.js';

/** The parts of a merge worker on the real servers, with a database and topics of its own. */
export function graphWorker() {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const database = Database.create({ uri: servers.mongodbUri, name });
  const logger = createLogger('test', 'silent');
  const brokers = servers.kafkaBrokers.split(',');
  const messaging = new Messaging({ brokers, topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  const metrics = new Metrics('test');
  const options = { namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)) };
  let tenants = 0;
  let groups = 0;
  let offset = 0;
  return {
    servers,
    topicPrefix,
    database,
    messaging,
    producer,
    publisher: new ChangePublisher(producer),
    announcements: new GraphAnnouncements(database),
    settings: new IdentitySettingsRepository(database),
    graph: new MongoIdentityGraphWriter(database, options),
    fences: new DeletionFences(database),
    maintenance: new IdentityGraphMaintenance(database, options),
    reader: new IdentityGraphReader(database),
    exposition: metrics,
    metrics: new GraphMetrics(metrics),
    logger,
    start: async () => {
      await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
    },
    close: async () => {
      await producer.close();
      await database.close();
      await Promise.all([
        dropTestDatabase(servers.mongodbUri, name),
        deleteTestTopics(servers.kafkaBrokers, topicPrefix),
      ]);
    },
    /** A sandbox nobody else uses. */
    newTenant: (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` }),
    /** A message as a consumer hands it over: an object as JSON, or a text as it is. */
    message: (value: object | string): IncomingMessage =>
      new IncomingMessage(0, {
        key: null,
        value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
        timestamp: '0',
        attributes: 0,
        offset: String((offset += 1)),
        headers: {},
      }),
    /** Hears everything that is and will be on a topic, each message as text, until it is stopped. */
    listen: async (topic: TopicName | `${TopicName}.dead`, onMessage: (value: string) => void) => {
      const consumer = new BatchConsumer(messaging, {
        topic: topic as TopicName,
        group: `test-${(groups += 1)}`,
        handle: (messages) => {
          for (const { value } of messages) onMessage(value.toString());
          return Promise.resolve();
        },
        handlePoison: () => Promise.resolve(),
        maxRecords: 100,
        concurrency: 1,
        commitInterval: 50,
      });
      await consumer.start();
      return consumer;
    },
  };
}

/** An identity written as `namespace:value`. */
export function identityOf(tenant: Tenant, text: string): Identity {
  const [namespace = '', id = ''] = text.split(':');
  return { xid: xidOf(tenant, namespace, id), namespace, id };
}

/** What a record that carries these identities, each written `namespace:value`, said at a time. */
export function evidenceOf(tenant: Tenant, identities: readonly string[], at: number): IdentityEvidence {
  return {
    identities: identities.map((text) => identityOf(tenant, text)),
    links: true,
    datasetId: 'dataset',
    first: at,
    last: at,
    acceptedAt: at,
  };
}
