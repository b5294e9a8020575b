import { randomUUID } from 'node:crypto';
import { UnavailableError, type Tenant } from '@tessera/contracts';
import { batchPosition, versionOf, xidOf } from '@tessera/domain';
import { BacklogReader, ChangePublisher, ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import {
  BatchRowRemover,
  Database,
  ensureIndexes,
  FiguresMarks,
  FragmentWriter,
  GraphAnnouncements,
  HiddenBatches,
  IdentityGraphReader,
  RepeatRelease,
} from '@tessera/stores';
import {
  deleteTestTopics,
  dropTestDatabase,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { BatchRemoval, type RemovedBatch } from './batch-removal.js';
import { ChangedPeople } from './changed-people.js';

/** Real: Kafka and MongoDB. */
describe('removing what a batch has written', () => {
  const servers = testServers();
  const [name, topicPrefix] = [uniqueDatabaseName(), uniqueTopicPrefix()];
  const database = Database.create({ uri: servers.mongodbUri, name });
  const logger = createLogger('test', 'silent');
  const messaging = new Messaging({
    brokers: servers.kafkaBrokers.split(','),
    topicPrefix,
    clientId: 'test',
    logger,
  });
  const [producer, backlog] = [new Producer(messaging), new BacklogReader(messaging)];
  const announcements = new GraphAnnouncements(database);
  let tenants = 0;

  beforeAll(() => Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]));
  afterAll(async () => {
    await Promise.all([producer.close(), backlog.close(), database.close()]);
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, name),
      deleteTestTopics(servers.kafkaBrokers, topicPrefix),
    ]);
  });

  const removal = (by: Producer) =>
    new BatchRemoval({
      remover: new BatchRowRemover(database),
      repeats: new RepeatRelease(database),
      changedPeople: new ChangedPeople(new IdentityGraphReader(database), announcements, new ChangePublisher(by)),
      hidden: new HiddenBatches(database),
      marks: new FiguresMarks(database),
      backlog,
      producer: by,
    });
  const batchOf = (tenant: Tenant): RemovedBatch => ({ id: randomUUID(), tenant, datasetId: 'dataset' });
  const rowOf = async ({ id, tenant }: RemovedBatch): Promise<string> => {
    const xid = xidOf(tenant, 'email', 'a');
    const version = versionOf(1, { acceptedAt: 1, position: batchPosition(id, '0-1') });
    const place = { datasetId: 'dataset', xid, age: 1, version, acceptedAt: 1, batchId: id, body: '{"a":1}' };
    await new FragmentWriter(database).apply(tenant, [place]);
    return xid;
  };
  const noted = async ({ sandbox }: Tenant): Promise<string[]> => {
    const pending = await announcements.overdue(-1_000);
    const own = pending.filter(({ tenant }) => tenant.sandbox === sandbox);
    return own.flatMap(({ changes }) => changes.flatMap(({ members }) => members));
  };
  const newTenant = (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` });

  it('leaves a note of whom it was about when it is cut off before saying so', async () => {
    const batch = batchOf(newTenant());
    const xid = await rowOf(batch);
    // Never connected: what it is given to publish is refused once the rows are gone.
    const dead = new Producer(messaging);
    await expect(removal(dead).remove(batch, 1, 'request')).rejects.toThrow(UnavailableError);
    expect(await database.collection('fragments').countDocuments({ batchId: batch.id })).toBe(0);
    expect(await noted(batch.tenant)).toEqual([xid]);
  });

  it('leaves no note once everybody was told', async () => {
    const batch = batchOf(newTenant());
    await rowOf(batch);
    expect(await removal(producer).remove(batch, 1, 'request')).toBe(1);
    expect(await noted(batch.tenant)).toEqual([]);
  });
});
