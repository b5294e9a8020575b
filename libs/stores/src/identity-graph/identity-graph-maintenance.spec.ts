import type { IdentityEvidence, Tenant } from '@tessera/contracts';
import { defaultGraphLimits } from '@tessera/domain';
import { GraphAnnouncements } from './graph-announcements.js';
import { identityOf, ownGraph, recomputedPeople, recordOf, storedGraph, storedPeople } from './graph-fixture.js';
import type { GraphResult } from './graph-result.js';

/** Real: MongoDB. */
const graph = ownGraph();
const { database, maintenance, reader, settings, writer } = graph;

let tenant: Tenant;

beforeAll(() => graph.prepare());
beforeEach(() => {
  tenant = graph.newTenant();
});
afterAll(() => graph.close());

const apply = (...evidence: IdentityEvidence[]) => writer.apply(tenant, evidence);
const record = (identities: string[], more: Parameters<typeof recordOf>[2] = {}) => recordOf(tenant, identities, more);
const people = () => storedPeople(database, tenant);
const xid = (text: string) => identityOf(tenant, text).xid;

async function all(steps: AsyncIterable<GraphResult>): Promise<GraphResult[]> {
  const results: GraphResult[] = [];
  for await (const step of steps) results.push(step);
  return results;
}

/** Two people from one dataset, and one record of another that glues them together. */
async function glueTwoPeople(glue: Parameters<typeof recordOf>[2]): Promise<unknown> {
  await apply(record(['email:ada', 'phone:1', 'ecid:x']), record(['email:bob', 'phone:2', 'ecid:y']));
  const before = await storedGraph(database, tenant);
  await apply(record(['phone:1', 'phone:2'], glue));
  expect(await people()).toHaveLength(1);
  return before;
}

describe('withdrawing evidence', () => {
  it.each([
    ['a dataset', { datasetId: 'glue' }, { datasetId: 'glue' }],
    ['a batch', { datasetId: 'glue', batchId: 'B1' }, { datasetId: 'glue', batchId: 'B1' }],
  ])('of %s that glued two people together gives back exactly the two', async (_, glue, withdrawn) => {
    const before = await glueTwoPeople(glue);
    const steps = await all(maintenance.removeEvidence(tenant, withdrawn, 99));
    expect(await storedGraph(database, tenant)).toEqual(before);
    const changes = steps.flatMap((step) => step.changes);
    expect(changes.map(({ members, acceptedAt }) => [members.length, acceptedAt])).toEqual([
      [3, 99],
      [3, 99],
    ]);
  });

  it('keeps a link that other evidence supports', async () => {
    await glueTwoPeople({ datasetId: 'glue', batchId: 'B1' });
    await apply(record(['phone:1', 'phone:2'], { datasetId: 'glue' }));
    await all(maintenance.removeEvidence(tenant, { datasetId: 'glue', batchId: 'B1' }, 99));
    expect(await people()).toHaveLength(1);
    const links = await reader.linksAmong(tenant, [xid('phone:1'), xid('phone:2')]);
    expect(links.map(({ evidence }) => Object.values(evidence))).toEqual([[{ datasetId: 'glue', first: 1, last: 1 }]]);
  });

  it('takes back a device that only the withdrawn evidence moved', async () => {
    await settings.put(tenant, { namespaces: [{ code: 'crmid', unique: true }] });
    await apply(record(['crmid:ada', 'gaid:tablet'], { at: 1 }), record(['crmid:bob', 'email:bob'], { at: 1 }));
    const before = await storedGraph(database, tenant);
    await apply(record(['crmid:bob', 'gaid:tablet'], { at: 2, datasetId: 'late' }));
    expect(await people()).toContainEqual(['crmid:bob', 'email:bob', 'gaid:tablet']);
    await all(maintenance.removeEvidence(tenant, { datasetId: 'late' }, 99));
    expect(await storedGraph(database, tenant)).toEqual(before);
  });

  it('takes identities out of everything they are linked with, and keeps who they knew', async () => {
    await apply(record(['email:ada', 'phone:1']), record(['phone:1', 'ecid:x']), record(['email:alone']));
    const steps = await all(maintenance.removeEvidence(tenant, { xids: [xid('phone:1'), xid('email:alone')] }, 99));
    expect(await people()).toEqual([['ecid:x'], ['email:ada'], ['email:alone'], ['phone:1']]);
    const changed = steps.flatMap(({ changes }) => changes.flatMap(({ members }) => members));
    expect(changed.sort()).toEqual(['email:ada', 'phone:1', 'ecid:x'].map(xid).sort());
  });

  it.each([
    ['a dataset', { datasetId: 'd' }],
    ['an identity', { xids: ['phone:1'] }],
  ])('of %s before a deletion keeps what was said since', async (_, of) => {
    const withdrawn = 'xids' in of ? { xids: of.xids?.map(xid) ?? [] } : of;
    const early = record(['email:ada', 'phone:1', 'ecid:x'], { datasetId: 'd' });
    const late = { ...record(['email:ada', 'phone:1'], { datasetId: 'd' }), since: 50 };
    await apply(early, late);
    await all(maintenance.removeEvidence(tenant, { ...withdrawn, before: 50 }, 50));
    const left = await reader.linksAmong(tenant, ['email:ada', 'phone:1', 'ecid:x'].map(xid));
    const kept = left.filter(({ evidence }) => Object.values(evidence).some(({ since }) => since === 50));
    expect(kept).toHaveLength(1);
    expect(Object.keys(kept[0]?.evidence ?? {})).toHaveLength(1);
    expect((await people()).find((person) => person.includes('phone:1'))).toEqual(
      ['email:ada', 'phone:1'].concat('xids' in of ? ['ecid:x'] : []).sort(),
    );
    await all(maintenance.removeEvidence(tenant, { ...withdrawn, before: 50 }, 50));
    await all(maintenance.removeEvidence(tenant, { ...withdrawn, before: 51 }, 51));
    expect((await people()).find((person) => person.includes('phone:1'))).toEqual(['phone:1']);
  });

  it('works through many people in steps, leaving the others alone, beside a writer', async () => {
    const pairs = Array.from({ length: 450 }, (_, index) => [`email:${index}`, `phone:${index}`]);
    await apply(
      ...pairs.map((identities, index) => record(identities, { datasetId: index % 3 === 0 ? 'kept' : 'gone' })),
    );
    const [steps] = await Promise.all([
      all(maintenance.removeEvidence(tenant, { datasetId: 'gone' }, 99)),
      apply(
        ...pairs.map((identities) => record(identities, { datasetId: 'other' })).filter((_, index) => index % 9 === 1),
      ),
    ]);
    expect(steps.length).toBeGreaterThan(2);
    expect((await people()).filter(({ length }) => length === 2)).toHaveLength(150 + 50);
    expect(await people()).toEqual(await recomputedPeople(database, tenant, { namespaces: [] }, defaultGraphLimits));
    expect(await all(maintenance.removeEvidence(tenant, { datasetId: 'gone' }, 99))).toEqual([]);
  });

  it('takes a dataset id for a name and nothing else', async () => {
    await apply(record(['email:ada', 'phone:1'], { datasetId: '$evidence' }), record(['email:ada', 'phone:2']));
    await all(maintenance.removeEvidence(tenant, { datasetId: '$evidence' }, 99));
    expect(await people()).toEqual([['email:ada', 'phone:2'], ['phone:1']]);
  });
});

describe('changing the linking rules', () => {
  it('resolves anew what was linked before, and back again', async () => {
    const pairs = Array.from({ length: 120 }, (_, index) => `gaid:${index}`);
    await apply(
      ...pairs.flatMap((device, index) => [
        record([`crmid:${index}-ada`, device], { at: 1 }),
        record([`crmid:${index}-bob`, device], { at: 2 }),
      ]),
    );
    expect(await people()).toHaveLength(120);
    expect(await all(maintenance.rebuild(tenant, 99))).toEqual([]);

    await settings.put(tenant, { namespaces: [{ code: 'CRMID', unique: true }] });
    const steps = await all(maintenance.rebuild(tenant, 99));
    expect(steps.length).toBe(2);
    expect(steps.flatMap(({ changes }) => changes)).toHaveLength(240);
    expect(await people()).toContainEqual(['crmid:7-bob', 'gaid:7']);
    expect(await people()).toContainEqual(['crmid:7-ada']);

    await settings.put(tenant, { namespaces: [] });
    await all(maintenance.rebuild(tenant, 99));
    expect(await people()).toHaveLength(120);
    expect(await all(maintenance.rebuild(tenant, 99))).toEqual([]);
  });

  it('counts how often the settings of a sandbox changed', async () => {
    expect(await settings.get(tenant)).toEqual({ namespaces: [], version: 0 });
    const namespaces = [{ code: 'CRMID', unique: true, priority: 1 }];
    expect(await settings.put(tenant, { namespaces })).toEqual({ namespaces, version: 1 });
    expect(await settings.put(tenant, { namespaces })).toEqual({ namespaces, version: 2 });
    expect(await settings.get(tenant)).toEqual({ namespaces, version: 2 });
    expect(await settings.get({ ...tenant, sandbox: 'other' })).toEqual({ namespaces: [], version: 0 });
  });
});

describe('announcing changes', () => {
  it('finds what was made long enough ago and never announced', async () => {
    const announcements = new GraphAnnouncements(database);
    const own = async (age: number) => {
      const pending = await announcements.overdue(age, 10_000);
      return pending.filter(({ tenant: { sandbox } }) => sandbox === tenant.sandbox);
    };
    const [first, second] = [await apply(record(['email:a', 'phone:1'])), await apply(record(['email:b', 'phone:2']))];
    expect(await own(60_000)).toEqual([]);
    await announcements.done(first.announcements);
    expect(await own(-1)).toEqual([{ id: second.announcements[0], tenant, changes: second.changes }]);
    await announcements.done(second.announcements);
    expect(await own(-1)).toEqual([]);
  });
});
