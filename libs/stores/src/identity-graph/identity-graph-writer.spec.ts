import { tenantKey, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import { ageStepOf, defaultIdentitySettings } from '@tessera/domain';
import { graphCollections } from './graph-collections.js';
import { identityOf, ownGraph, recordOf, storedGraph, storedPeople } from './graph-fixture.js';

/** Real: MongoDB. */
const graph = ownGraph();
const { database, reader, settings, writer } = graph;

/** In which ages are told apart where no namespace is unique. */
const STEP = ageStepOf(defaultIdentitySettings);

let tenant: Tenant;

beforeAll(() => graph.prepare());
beforeEach(() => {
  tenant = graph.newTenant();
});
afterAll(() => graph.close());

const apply = (...evidence: IdentityEvidence[]) => writer.apply(tenant, evidence);
const record = (identities: string[], more: Parameters<typeof recordOf>[2] = {}) => recordOf(tenant, identities, more);
const people = () => storedPeople(database, tenant);
const xids = (...texts: string[]) => texts.map((text) => identityOf(tenant, text).xid).sort();

describe('the identity graph', () => {
  it('stores an identity that nothing links as a person of its own', async () => {
    const { changes, counts } = await apply(record(['email:ada'], { at: 7 }));
    const { xid } = identityOf(tenant, 'email:ada');
    expect(changes).toEqual([{ clusterId: xid, members: [xid], replaced: [], acceptedAt: 7 }]);
    expect(counts).toMatchObject({ registered: 1, linked: 0, transactions: 0 });
    expect(await reader.findMany(tenant, [xid])).toEqual([
      {
        _id: xid,
        namespace: 'email',
        id: 'ada',
        clusterId: xid,
        componentId: xid,
        contested: false,
        members: [{ xid, namespace: 'email', id: 'ada' }],
      },
    ]);
  });

  it('makes one person of the identities of one record', async () => {
    const { changes, counts } = await apply(record(['email:ada', 'phone:1', 'ecid:2'], { at: 5 }));
    const members = xids('email:ada', 'phone:1', 'ecid:2');
    expect(changes).toEqual([{ clusterId: members[0], members, replaced: [], acceptedAt: 5 }]);
    expect(counts).toMatchObject({ registered: 3, linked: 3, transactions: 1, retries: 0 });
    expect(await people()).toEqual([['ecid:2', 'email:ada', 'phone:1']]);
  });

  it('makes one person of two whom a later record joins, and names the cluster that is no more', async () => {
    await apply(record(['email:ada', 'phone:1']), record(['email:bob', 'phone:2']));
    const [one = '', two = ''] = [xids('email:ada', 'phone:1')[0], xids('email:bob', 'phone:2')[0]];
    const { changes } = await apply(record(['phone:1', 'phone:2'], { at: 9 }));
    const members = xids('email:ada', 'phone:1', 'email:bob', 'phone:2');
    const replaced = [one < two ? two : one];
    expect(changes).toEqual([{ clusterId: members[0], members, replaced, acceptedAt: 9 }]);
    expect(await people()).toEqual([['email:ada', 'email:bob', 'phone:1', 'phone:2']]);
  });

  it('joins within one batch what only records of that batch connect', async () => {
    const { changes } = await apply(
      record(['email:a', 'email:b']),
      record(['email:c', 'email:d']),
      record(['email:d', 'email:a'], { at: 3 }),
    );
    expect(changes).toHaveLength(1);
    expect(await people()).toEqual([['email:a', 'email:b', 'email:c', 'email:d']]);
  });

  it('only registers identities of a dataset that does not feed the graph', async () => {
    const { changes, counts } = await apply(record(['email:ada', 'phone:1'], { links: false }));
    expect(changes).toHaveLength(2);
    expect(counts).toMatchObject({ registered: 2, linked: 0 });
    expect(await people()).toEqual([['email:ada'], ['phone:1']]);
  });

  it('answers known evidence with who is touched, without a transaction', async () => {
    await apply(record(['email:ada', 'phone:1'], { at: 5 }));
    const { changes, counts, announcements } = await apply(record(['phone:1', 'email:ada'], { at: 8 }));
    const members = xids('email:ada', 'phone:1');
    expect(changes).toEqual([{ clusterId: members[0], members, replaced: [], acceptedAt: 8 }]);
    expect(counts).toMatchObject({ registered: 0, refreshed: 1, linked: 0, transactions: 0 });
    expect(announcements).toEqual([]);
  });

  it('keeps the first and last time of evidence per dataset and batch, in whatever order it comes', async () => {
    await apply(record(['email:ada', 'phone:1'], { at: 5 }));
    await apply(record(['email:ada', 'phone:1'], { at: 3 }), record(['email:ada', 'phone:1'], { at: 4 }));
    await apply(record(['email:ada', 'phone:1'], { at: 9, batchId: 'B1' }));
    await apply(record(['email:ada', 'phone:1'], { at: 1, datasetId: 'odd.$name' }));
    const [link, ...others] = await reader.linksAmong(tenant, xids('email:ada', 'phone:1'));
    expect(others).toEqual([]);
    expect(Object.values(link?.evidence ?? {})).toEqual([
      { datasetId: 'dataset', first: 3, last: 5 },
      { datasetId: 'dataset', batchId: 'B1', first: 9, last: 9 },
      { datasetId: 'odd.$name', first: 1, last: 1 },
    ]);
  });

  it('changes nothing when everything is delivered again', async () => {
    const evidence = [
      record(['email:a', 'ecid:1'], { at: 1 }),
      record(['email:b', 'ecid:1'], { at: 2 }),
      record(['email:c']),
    ];
    await apply(...evidence);
    const before = await storedGraph(database, tenant);
    await apply(...evidence.toReversed());
    expect(await storedGraph(database, tenant)).toEqual(before);
  });

  it('keeps tenants apart', async () => {
    const other = { ...tenant, sandbox: `${tenant.sandbox}-other` };
    await apply(record(['email:ada', 'phone:1']));
    await writer.apply(other, [recordOf(other, ['email:ada']), recordOf(other, ['phone:1'])]);
    expect(await storedPeople(database, other)).toEqual([['email:ada'], ['phone:1']]);
    expect(await reader.findMany(other, xids('email:ada'))).toEqual([]);
    expect(await reader.linksAmong(other, xids('email:ada', 'phone:1'))).toEqual([]);
  });

  it.each([1, 30])(
    'keeps what each of many batches says, told of %s at a time, and writes none of it twice',
    async (atOnce) => {
      const batches = Array.from({ length: 60 }, (_, n) =>
        record(['email:ada', 'phone:1'], { at: n, batchId: `B${n}` }),
      );
      const tell = async () => {
        for (let from = 0; from < batches.length; from += atOnce) await apply(...batches.slice(from, from + atOnce));
        return reader.linksAmong(tenant, xids('email:ada', 'phone:1'));
      };
      const [link] = await tell();
      expect(Object.values(link?.evidence ?? {}).map(({ batchId, first, last }) => [batchId, first, last])).toEqual(
        batches.map(({ batchId }, at) => [batchId, at, at]),
      );
      expect(await tell()).toEqual([link]);
      await apply(record(['email:ada', 'phone:1'], { at: -1, batchId: 'B7' }));
      const [widened] = await reader.linksAmong(tenant, xids('email:ada', 'phone:1'));
      expect(Object.values(widened?.evidence ?? {})[7]).toMatchObject({ batchId: 'B7', first: -1, last: 7 });
    },
  );

  it('moves a shared device to who used it last, tells both people, and moves it back', async () => {
    await settings.put(tenant, { namespaces: [{ code: 'CRMID', unique: true }] });
    await apply(record(['crmid:ada', 'gaid:tablet'], { at: 10 }), record(['crmid:bob', 'email:bob'], { at: 10 }));
    expect(await people()).toEqual([
      ['crmid:ada', 'gaid:tablet'],
      ['crmid:bob', 'email:bob'],
    ]);
    const moved = await apply(record(['crmid:bob', 'gaid:tablet'], { at: 20 }));
    expect(await people()).toEqual([['crmid:ada'], ['crmid:bob', 'email:bob', 'gaid:tablet']]);
    expect(moved.changes.map(({ members }) => members.length).sort()).toEqual([1, 3]);

    const back = await apply(record(['crmid:ada', 'gaid:tablet'], { at: 30 }));
    expect(back.counts).toMatchObject({ refreshed: 1, linked: 0, transactions: 1 });
    expect(await people()).toEqual([
      ['crmid:ada', 'gaid:tablet'],
      ['crmid:bob', 'email:bob'],
    ]);
    expect(await reader.componentOf(tenant, xids('email:bob')[0] ?? '')).toHaveLength(4);

    const late = await apply(record(['crmid:bob', 'gaid:tablet'], { at: 25 }));
    expect(late.counts.leftOut).toBe(1);
    expect(await people()).toHaveLength(2);
  });

  it('evicts the weakest identity of a person with more than fifty', async () => {
    const devices = Array.from({ length: 49 }, (_, index) => `gaid:${index}`);
    for (const [index, device] of devices.entries())
      await apply(record(['email:ada', device], { at: (100 + index) * STEP }));
    const { counts, changes } = await apply(record(['email:ada', 'ecid:cookie'], { at: 1_000 * STEP }));
    expect(counts.evicted).toBe(1);
    expect(changes.map(({ members }) => members.length).sort((one, two) => one - two)).toEqual([1, 50]);
    const stored = await people();
    expect(stored.find(({ length }) => length === 1)).toEqual(['ecid:cookie']);
    const phone = await apply(record(['email:ada', 'phone:1'], { at: 1_001 * STEP }));
    expect(phone.counts.evicted).toBe(1);
    expect(
      (await people())
        .filter(({ length }) => length === 1)
        .flat()
        .sort(),
    ).toEqual(['ecid:cookie', 'gaid:0']);
  });

  it('says of a graph what is to be announced until somebody has', async () => {
    const { announcements } = await apply(record(['email:ada', 'phone:1']));
    const kept = await graphCollections(database)
      .announcements.find({ tenant: tenantKey(tenant) })
      .toArray();
    expect(kept.map(({ _id }) => _id)).toEqual(announcements);
    expect(kept[0]?.changes).toEqual([
      {
        clusterId: xids('email:ada', 'phone:1')[0],
        members: xids('email:ada', 'phone:1'),
        replaced: [],
        acceptedAt: 1,
      },
    ]);
  });
});
