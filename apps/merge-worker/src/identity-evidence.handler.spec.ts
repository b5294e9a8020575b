import {
  deadTopic,
  profileChangedMessageSchema,
  tenantKey,
  topics,
  type Identity,
  type IdentityEvidence,
  type ProfileChange,
  type Tenant,
} from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { BatchConsumer, ensureTopics, IncomingMessage, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import {
  Database,
  ensureIndexes,
  GraphAnnouncements,
  IdentityGraphReader,
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
import { IdentityEvidenceHandler } from './identity-evidence.handler.js';
import { OverdueAnnouncer } from './overdue-announcer.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would. */
describe('the handler of identity evidence', () => {
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
  const publisher = new ChangePublisher(producer);
  const announcements = new GraphAnnouncements(database);
  const graph = new MongoIdentityGraphWriter(database, {
    namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)),
  });
  const metrics = new Metrics('test');
  const handler = new IdentityEvidenceHandler({
    graph,
    announcements,
    publisher,
    producer,
    metrics: new GraphMetrics(metrics),
    logger,
  });
  const reader = new IdentityGraphReader(database);
  const published: { readonly tenant: string; readonly change: ProfileChange }[] = [];
  let consumer: BatchConsumer;
  let tenant: Tenant;
  let tenants = 0;
  let offset = 0;

  beforeAll(async () => {
    await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
    consumer = new BatchConsumer(messaging, {
      topic: topics.profileChanged,
      group: 'test',
      handle: (messages) => {
        for (const { value } of messages) {
          const { changes, ...of } = profileChangedMessageSchema.parse(JSON.parse(value.toString()));
          published.push(...changes.map((change) => ({ tenant: tenantKey(of), change })));
        }
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 50,
    });
    await consumer.start();
  });

  beforeEach(() => {
    tenant = { organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` };
  });

  afterAll(async () => {
    await consumer.stop();
    await producer.close();
    await database.close();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, topicPrefix),
    ]);
  });

  const identity = (id: string, of = tenant): Identity => ({ xid: xidOf(of, 'email', id), namespace: 'email', id });
  const evidence = (ids: string[], at: number, of = tenant): IdentityEvidence => ({
    identities: ids.map((id) => identity(id, of)),
    links: true,
    datasetId: 'dataset',
    first: at,
    last: at,
    acceptedAt: at,
  });
  const message = (value: object | string): IncomingMessage =>
    new IncomingMessage(0, {
      key: null,
      value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      timestamp: '0',
      attributes: 0,
      offset: String((offset += 1)),
      headers: {},
    });
  const changesOf = (of: Tenant) =>
    published.filter(({ tenant: key }) => key === tenantKey(of)).map(({ change }) => change);
  const membersOf = async (id: string, of = tenant) => {
    const [found] = await reader.findMany(of, [identity(id, of).xid]);
    return found?.members.map((member) => member.id).sort();
  };

  it('links the identities and says who changed, once per person', async () => {
    await handler.handle([
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1), evidence(['c'], 2)] }),
      message({ ...tenant, evidence: [evidence(['b', 'd'], 3)] }),
    ]);
    expect(await membersOf('a')).toEqual(['a', 'b', 'd']);
    const changes = await eventually(() => {
      const heard = changesOf(tenant);
      expect(heard).toHaveLength(2);
      return heard;
    });
    const members = ['a', 'b', 'd'].map((id) => identity(id).xid).sort();
    expect(changes).toContainEqual({ clusterId: members[0], members, replaced: [], acceptedAt: 3 });
    const { xid } = identity('c');
    expect(changes).toContainEqual({ clusterId: xid, members: [xid], replaced: [], acceptedAt: 2 });
    expect((await announcements.overdue(-1)).filter(({ tenant: of }) => of.sandbox === tenant.sandbox)).toEqual([]);
  });

  it('serves several tenants in one batch and keeps them apart', async () => {
    const other = { ...tenant, sandbox: `${tenant.sandbox}-other` };
    await handler.handle([
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1)] }),
      message({ ...other, evidence: [evidence(['b', 'c'], 1, other)] }),
    ]);
    expect(await membersOf('b')).toEqual(['a', 'b']);
    expect(await membersOf('b', other)).toEqual(['b', 'c']);
  });

  it('puts aside what is no evidence and goes on with the rest', async () => {
    const aside: string[] = [];
    const dead = messaging.kafka.consumer({ groupId: messaging.group('dead') });
    await dead.connect();
    await dead.subscribe({ topic: messaging.topic(deadTopic(topics.identityEvidence)), fromBeginning: true });
    await dead.run({
      eachMessage: ({ message: { value } }) => {
        aside.push(value?.toString() ?? '');
        return Promise.resolve();
      },
    });
    const withoutIdentities = { ...tenant, evidence: [{ ...evidence(['x'], 1), identities: [] }] };
    await handler.handle([
      message('{'),
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1)] }),
      message(withoutIdentities),
      message(''),
    ]);
    expect(await membersOf('a')).toEqual(['a', 'b']);
    await eventually(() => expect(aside).toEqual(['{', JSON.stringify(withoutIdentities), '']));
    await dead.disconnect();
  });

  it('may be given everything again', async () => {
    const messages = [message({ ...tenant, evidence: [evidence(['a', 'b'], 1), evidence(['b', 'c'], 2)] })];
    await handler.handle(messages);
    const before = await reader.linksAmong(
      tenant,
      ['a', 'b', 'c'].map((id) => identity(id).xid),
    );
    await handler.handle(messages);
    expect(
      await reader.linksAmong(
        tenant,
        ['a', 'b', 'c'].map((id) => identity(id).xid),
      ),
    ).toEqual(before);
    await eventually(() => expect(changesOf(tenant)).toHaveLength(2));
  });

  it('announces what a worker changed that died before it could say so', async () => {
    await graph.apply(tenant, [evidence(['a', 'b'], 5)]);
    const announcer = new OverdueAnnouncer(announcements, publisher, logger, -1);
    await announcer.once();
    const members = ['a', 'b'].map((id) => identity(id).xid).sort();
    await eventually(() =>
      expect(changesOf(tenant)).toEqual([{ clusterId: members[0], members, replaced: [], acceptedAt: 5 }]),
    );
    expect((await announcements.overdue(-1)).filter(({ tenant: of }) => of.sandbox === tenant.sandbox)).toEqual([]);
  });

  it('counts what it did', async () => {
    const before = await metrics.exposition();
    await handler.handle([message({ ...tenant, evidence: [evidence(['a', 'b', 'c'], 1)] })]);
    await handler.handle([message({ ...tenant, evidence: [evidence(['a', 'b', 'c'], 2)] })]);
    const value = ({ text }: { text: string }, line: string) =>
      Number(new RegExp(`^${line}[^\\n]* (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    const after = await metrics.exposition();
    const grown = (line: string) => value(after, line) - value(before, line);
    expect(grown('tessera_graph_evidence_total')).toBe(2);
    expect(grown('tessera_graph_identities_registered_total')).toBe(3);
    expect(grown('tessera_graph_links_total\\{outcome="new"')).toBe(3);
    expect(grown('tessera_graph_links_total\\{outcome="refreshed"')).toBe(3);
    expect(grown('tessera_graph_transactions_total\\{outcome="committed"')).toBe(1);
  });
});
