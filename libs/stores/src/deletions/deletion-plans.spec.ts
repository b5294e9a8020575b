import { MongoClient } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { linkId, xidOf } from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { DeadLetterRemover } from '../dead-letters/dead-letter-remover.js';
import { EventRemover } from '../events/event-remover.js';
import { FragmentRemover } from '../fragments/fragment-remover.js';
import { knownTypes } from '../identity-graph/graph-fixture.js';
import { IdentityGraphMaintenance } from '../identity-graph/identity-graph-maintenance.js';
import { IdentityVanisher } from '../identity-graph/identity-vanisher.js';
import { ensureIndexes } from '../indexes.js';
import type { DeletionSubject } from './deletion.js';
import { DeletionScan } from './deletion-scan.js';
import { TouchedIdentities } from './touched-identities.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const client = new MongoClient(uri);
const db = client.db(name);
const AT = 1_000;
/** Documents of each sandbox in each collection, all but every hundredth of one dataset. */
const MANY = 3_000;
/** Documents that one question may look at: a range's, which are never divided quite evenly. */
const MOST = 3_000;

interface Profiled {
  readonly ns: string;
  readonly op: string;
  readonly planSummary?: string;
  readonly docsExamined?: number;
  readonly nreturned?: number;
}

const tenants = ['prod', 'dev'].map((sandbox): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox }));
const [tenant] = tenants as [Tenant, Tenant];

beforeAll(async () => {
  await ensureIndexes(database);
  for (const some of tenants) await populate(some);
}, 180_000);
afterAll(async () => {
  await client.close();
  await database.close();
  await dropTestDatabase(uri, name);
});

/** Each person has two identities, that one record and one event of a batch speak of. */
async function populate(some: Tenant): Promise<void> {
  const of = tenantKey(some);
  const everyone = Array.from({ length: MANY }, (_, n) => {
    const [one, other] = [xidOf(some, 'email', `${n}`), xidOf(some, 'phone', `${n}`)];
    const datasetId = `${some.sandbox}-${n % 100 === 0 ? 'going' : 'staying'}`;
    return { n, datasetId, batchId: `${datasetId}-batch`, xids: [one, other] as const };
  });
  const insert = (collection: string, documents: object[]) => db.collection(collection).insertMany(documents);
  await insert(
    'fragments',
    everyone.map(({ datasetId, xids: [xid] }) => {
      return {
        _id: `${datasetId}.${xid}`,
        tenant: of,
        datasetId,
        xid,
        acceptedAt: 1,
        version: 'v',
        age: 1,
        body: '{}',
      };
    }),
  );
  await insert(
    'events',
    everyone.map(({ n, datasetId, batchId, xids }) => {
      const event = { _id: `${datasetId}.${n}`, eventId: `${n}`, time: n, order: 'o', acceptedAt: 1, body: '{}' };
      return { ...event, tenant: of, datasetId, batchId, xids };
    }),
  );
  await insert(
    'links',
    everyone.map(({ datasetId, xids }) => {
      const [a, b] = [...xids].sort();
      return { _id: linkId(...xids), tenant: of, a, b, evidence: { x: { datasetId, first: 1, last: 1 } } };
    }),
  );
  await insert(
    'components',
    everyone.map(({ xids }) => {
      const members = [...xids].sort();
      return { _id: members[0] as never, tenant: of, members, contested: false, rules: 0, version: 1 };
    }),
  );
  await insert(
    'identities',
    everyone.flatMap(({ n, xids }) => {
      const members = [...xids].sort().map((xid) => {
        return { xid, namespace: xid === xids[0] ? 'email' : 'phone', id: `${n}` };
      });
      const place = { tenant: of, clusterId: members[0]?.xid, componentId: members[0]?.xid, contested: false, members };
      return members.map(({ xid, namespace, id }) => ({ _id: xid as never, namespace, id, ...place }));
    }),
  );
}

/** What the server says of all that some work asked of it. */
async function profiled(work: () => Promise<unknown>): Promise<Profiled[]> {
  await db.command({ profile: 0 });
  await db.dropCollection('system.profile').catch(() => false);
  await db.createCollection('system.profile', { capped: true, size: 50_000_000 });
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const collections = ['fragments', 'events', 'links', 'identities', 'components', 'dead_letters', 'deletion_touched'];
  const concerned = { ns: { $in: collections.map((collection) => `${name}.${collection}`) }, op: { $ne: 'insert' } };
  return db.collection<Profiled>('system.profile').find(concerned).toArray();
}

/** Real: MongoDB, asked itself how it answered. */
describe('a deletion', () => {
  const subjects: DeletionSubject[] = [
    { kind: 'dataset', datasetId: 'prod-going', isRemoved: false },
    { kind: 'batch', datasetId: 'prod-going', batchId: 'prod-going-batch' },
    { kind: 'person', entityId: 'e', members: [{ xid: xidOf(tenant, 'email', '7'), namespace: 'email', id: '7' }] },
  ];

  it.each(subjects)('of a $kind looks through every store by indexes, in short questions', async (subject) => {
    const scan = new DeletionScan(database);
    const deletion = { id: 'j', tenant, subject, at: AT };
    const questions = await profiled(async () => {
      await scan.survey(deletion);
      await scan.remaining(deletion);
      await scan.orphans(tenant, [xidOf(tenant, 'email', '7')]);
    });
    expect(questions.length).toBeGreaterThan(5);
    expect(questions.filter(({ planSummary }) => planSummary?.includes('COLLSCAN'))).toEqual([]);
    expect(questions.filter(({ docsExamined = 0 }) => docsExamined >= MOST)).toEqual([]);
  });

  it('finds what it removes by indexes, and looks at little else', async () => {
    const [fragments, events] = [new FragmentRemover(database), new EventRemover(database)];
    const [touched, vanisher] = [new TouchedIdentities(database), new IdentityVanisher(database)];
    const maintenance = new IdentityGraphMaintenance(database, { namespaces: knownTypes });
    const questions = await profiled(async () => {
      const found = await fragments.ofDataset(tenant, 'prod-going', undefined, 500);
      await touched.add(
        tenant,
        'j',
        found.map(({ xid }) => xid),
      );
      expect(await fragments.remove(tenant, found, AT)).toBe(MANY / 100);
      for await (const page of events.pages(tenant, { datasetId: 'prod-going' }, AT, 500)) {
        const ids = page.map(({ _id }) => _id);
        expect(await events.remove(tenant, ids, AT)).toBe(MANY / 100);
      }
      let withdrawn = 0;
      const steps = maintenance.removeEvidence(tenant, { datasetId: 'prod-going', before: AT }, AT);
      for await (const { counts } of steps) withdrawn += counts.withdrawn;
      expect(withdrawn).toBe(MANY / 100);
      const xids = await touched.unsettled(tenant, 'j', '', 500);
      expect(await vanisher.vanish(tenant, xids)).toBe(MANY / 100);
      await touched.settle(tenant, 'j', xids);
      await touched.forget(tenant, 'j', await touched.all(tenant, 'j', '', 500));
      const letters = new DeadLetterRemover(database).pages(tenant, { datasetId: 'prod-going' }, AT, 500);
      for await (const _ids of letters);
    });
    expect(questions.filter(({ planSummary }) => planSummary?.includes('COLLSCAN'))).toEqual([]);
    // Only links have to be looked at to know whose word they go by.
    const looked = questions.filter(({ ns }) => !ns.endsWith('.links'));
    expect(looked.filter(({ docsExamined = 0 }) => docsExamined > 4 * (MANY / 100))).toEqual([]);
    expect(questions.filter(({ docsExamined = 0 }) => docsExamined >= MOST)).toEqual([]);
  });
});
