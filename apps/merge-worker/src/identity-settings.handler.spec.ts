import { deadTopic, tenantKey, topics, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { BatchConsumer, ensureTopics, IncomingMessage, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import {
  Database,
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
  eventually,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { ChangePublisher } from './change-publisher.js';
import { GraphMetrics } from './graph-metrics.js';
import { IdentitySettingsHandler } from './identity-settings.handler.js';
import { OverdueSettings } from './overdue-settings.js';

/** Real: MongoDB and Kafka. */
describe('the handler of changed linking rules', () => {
  const servers = testServers();
  const name = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const database = Database.create({ uri: servers.mongodbUri, name });
  const logger = createLogger('test', 'silent');
  const messaging = new Messaging({
    brokers: servers.kafkaBrokers.split(','),
    topicPrefix,
    clientId: 'test',
    logger,
  });
  const producer = new Producer(messaging);
  const announcements = new GraphAnnouncements(database);
  const options = { namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)) };
  const graph = new MongoIdentityGraphWriter(database, options);
  const reader = new IdentityGraphReader(database);
  const settings = new IdentitySettingsRepository(database);
  const handlerOf = (maxSteps: number) =>
    new IdentitySettingsHandler({
      settings,
      maintenance: new IdentityGraphMaintenance(database, options),
      announcements,
      publisher: new ChangePublisher(producer),
      producer,
      metrics: new GraphMetrics(new Metrics('test')),
      logger,
      maxSteps,
    });
  const handler = handlerOf(3);
  let tenant: Tenant;
  let tenants = 0;

  beforeAll(() => Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]));
  beforeEach(() => {
    tenant = { organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` };
  });
  afterAll(async () => {
    await producer.close();
    await database.close();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, topicPrefix),
    ]);
  });

  const identity = (text: string) => {
    const [namespace = '', id = ''] = text.split(':');
    return { xid: xidOf(tenant, namespace, id), namespace, id };
  };
  const record = (identities: string[], at: number): IdentityEvidence => ({
    identities: identities.map(identity),
    links: true,
    datasetId: 'dataset',
    first: at,
    last: at,
    acceptedAt: at,
  });
  const message = (value: string): IncomingMessage =>
    new IncomingMessage(0, {
      key: null,
      value: Buffer.from(value),
      timestamp: '0',
      attributes: 0,
      offset: '1',
      size: 0,
    });
  const changed = () => message(JSON.stringify({ ...tenant, changedAt: 99 }));
  const personOf = async (text: string) => {
    const [stored] = await reader.findMany(tenant, [identity(text).xid]);
    return stored?.members.map(({ namespace, id }) => `${namespace}:${id}`).sort();
  };
  /** What a topic holds, once `enough` of it is there. */
  const onTopic = async (
    topic: Parameters<typeof messaging.topic>[0],
    enough: (values: readonly string[]) => boolean,
  ): Promise<readonly string[]> => {
    const values: string[] = [];
    const consumer = new BatchConsumer(messaging, {
      topic: topic as (typeof topics)['identitySettings'],
      group: `test-${Math.random()}`,
      handle: (messages) => {
        values.push(...messages.map(({ value }) => value.toString()));
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 50,
    });
    await consumer.start();
    await eventually(() => {
      expect(enough(values)).toBe(true);
    });
    await consumer.stop();
    return values;
  };

  it('takes people apart by the new rules, says who changed, and joins them again without the rules', async () => {
    await graph.apply(tenant, [record(['email:ada', 'ecid:x'], 1), record(['email:bob', 'ecid:x'], 2)]);
    expect(await personOf('email:ada')).toEqual(['ecid:x', 'email:ada', 'email:bob']);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 99);
    await handler.handle([changed(), changed()]);
    expect(await personOf('email:ada')).toEqual(['email:ada']);
    expect(await personOf('email:bob')).toEqual(['ecid:x', 'email:bob']);
    const unannounced = (await announcements.overdue(-1)).flatMap(({ changes }) => changes);
    expect(unannounced.filter(({ acceptedAt }) => acceptedAt === 99)).toEqual([]);
    const published = await onTopic(topics.profileChanged, (values) =>
      values.some((value) => value.includes(tenant.sandbox) && value.includes('"acceptedAt":99')),
    );
    expect(published.join()).toContain(identity('email:ada').xid);
    await settings.put(tenant, { namespaces: [] }, 99);
    await handler.handle([changed()]);
    expect(await personOf('email:ada')).toEqual(['ecid:x', 'email:ada', 'email:bob']);
  });

  it('sends a large sandbox back to the topic after some steps, until nothing remains', async () => {
    const pairs = Array.from({ length: 150 }, (_, index) => record([`email:${index}`, `phone:${index}`], 1));
    await graph.apply(tenant, pairs);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 99);
    await handlerOf(1).handle([changed()]);
    const again = await onTopic(topics.identitySettings, (values) =>
      values.some((value) => value.includes(`"${tenant.sandbox}"`)),
    );
    const own = again.filter((value) => value.includes(`"${tenant.sandbox}"`));
    expect(own.map((value) => JSON.parse(value) as unknown)).toEqual([{ ...tenant, changedAt: 99 }]);
    const outdated = () =>
      database
        .collection<{ _id: string; tenant: string; rules: number }>('components')
        .countDocuments({ tenant: tenantKey(tenant), rules: 0 });
    expect(await outdated()).toBe(50);
    await handler.handle([message(own[0] ?? '')]);
    expect(await outdated()).toBe(0);
  });

  it('is told again of rules that nobody applied, and no more once they are', async () => {
    await graph.apply(tenant, [record(['email:ada', 'ecid:x'], 1), record(['email:bob', 'ecid:x'], 2)]);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 77);
    const overdue = new OverdueSettings(settings, producer, logger, 0);
    await overdue.once();
    const told = await onTopic(topics.identitySettings, (values) =>
      values.some((value) => value.includes(`"${tenant.sandbox}"`)),
    );
    const own = told.filter((value) => value.includes(`"${tenant.sandbox}"`));
    expect(JSON.parse(own[0] ?? '')).toEqual({ ...tenant, changedAt: 77 });
    await handler.handle([message(own[0] ?? '')]);
    expect(await personOf('email:ada')).toEqual(['email:ada']);
    expect(await settings.takeOverdue(new Date())).toBeUndefined();
  });

  it('leaves rules that changed meanwhile to be applied', async () => {
    const { version } = await settings.put(tenant, { namespaces: [] }, 1);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 2);
    await settings.applied(tenant, version);
    expect(await settings.takeOverdue(new Date())).toEqual({ ...tenant, changedAt: 2 });
    await settings.applied(tenant, version + 1);
    expect(await settings.takeOverdue(new Date())).toBeUndefined();
  });

  it('puts aside what is no change of rules', async () => {
    await handler.handle([message('no json'), message('{"organisation":"O"}')]);
    const dead = await onTopic(deadTopic(topics.identitySettings), (values) => values.length >= 2);
    expect(dead).toEqual(['no json', '{"organisation":"O"}']);
  });
});
