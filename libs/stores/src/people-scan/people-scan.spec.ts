import { tenantKey, type Identity, type Tenant } from '@tessera/contracts';
import { businessSchemas, xidRanges, xidSample } from '@tessera/domain';
import { EventWriter, type EventWrite } from '../events/event-writer.js';
import type { FragmentWrite } from '../fragments/fragment-write.js';
import { FragmentWriter } from '../fragments/fragment-writer.js';
import { identityOf, ownGraph, recordOf } from '../identity-graph/graph-fixture.js';
import { EventCounts } from './event-counts.js';
import { PeopleScan, type PeopleScanRequest, type ScannedPerson } from './people-scan.js';
import { PersonEvents } from './person-events.js';
import { SnapshotExpiredError, Snapshots, snapshotTime } from './snapshots.js';

const graph = ownGraph();
const { database } = graph;
const fragments = new FragmentWriter(database);
const events = new EventWriter(database);
const snapshots = new Snapshots(database);
const scan = new PeopleScan(database, { pageSize: 7 });

beforeAll(graph.prepare);
afterAll(graph.close);

function fragment({ xid }: Identity, datasetId: string, more: Partial<FragmentWrite> = {}): FragmentWrite {
  return {
    ...{ datasetId, xid, age: 1, acceptedAt: 1, version: '1' },
    body: JSON.stringify({ of: xid, datasetId }),
    ...more,
  };
}

function event(eventId: string, identities: readonly Identity[], more: Partial<EventWrite> = {}): EventWrite {
  const xids = identities.map(({ xid }) => xid);
  return { datasetId: 'events', eventId, xids, time: 1_000, acceptedAt: 1, order: eventId, body: '{}', ...more };
}

/** Forty people of one to four identities, most with fragments, and neighbours that are nobody's business. */
async function people(): Promise<{ tenant: Tenant; clusters: Identity[][] }> {
  const tenant = graph.newTenant();
  const clusters = Array.from({ length: 40 }, (_, person) =>
    Array.from({ length: (person % 4) + 1 }, (_, index) => identityOf(tenant, `email:p${person}-${index}@example.com`)),
  );
  await graph.writer.apply(
    tenant,
    clusters.map((members) =>
      recordOf(
        tenant,
        members.map(({ namespace, id }) => `${namespace}:${id}`),
      ),
    ),
  );
  await fragments.apply(
    tenant,
    clusters.flatMap((members, person) =>
      members.slice(0, person % 5).flatMap((member) => [fragment(member, 'a'), fragment(member, 'b')]),
    ),
  );
  return { tenant, clusters };
}

async function all(
  tenant: Tenant,
  more: Partial<PeopleScanRequest> & { readonly ranges?: number; readonly with?: PeopleScan } = {},
): Promise<ScannedPerson[]> {
  const { ranges = 1, with: by = scan, ...request } = more;
  const snapshot = await snapshots.take();
  const found: ScannedPerson[] = [];
  for (const range of xidRanges(ranges)) {
    for await (const page of by.pages(tenant, { range, graph: 'pdg', snapshot, bodies: true, ...request })) {
      found.push(...page);
    }
  }
  return found;
}

function view(scanned: readonly ScannedPerson[]): [string[], string[]][] {
  return scanned.map(({ xids, fragments: stored }) => [
    [...xids].sort(),
    stored.map(({ datasetId, xid, body }) => `${datasetId} ${xid} ${body}`).sort(),
  ]);
}

function expectedOf(clusters: readonly Identity[][]): [string[], string[]][] {
  return clusters
    .map((members, person): [string[], string[]] => [
      members.map(({ xid }) => xid).sort(),
      members
        .slice(0, person % 5)
        .flatMap((member) => [fragment(member, 'a'), fragment(member, 'b')])
        .map(({ datasetId, xid, body }) => `${datasetId} ${xid} ${body}`)
        .sort(),
    ])
    .sort(([[one = '']], [[other = '']]) => (one < other ? -1 : 1));
}

describe('a scan of people', () => {
  it.each([1, 3, 50])('finds everybody once, in order, with all their fragments, in %d ranges', async (ranges) => {
    const { tenant, clusters } = await people();
    const stranger = graph.newTenant();
    await graph.writer.apply(stranger, [recordOf(stranger, ['email:stranger'])]);
    await fragments.apply(stranger, [fragment(identityOf(stranger, 'email:stranger'), 'a')]);
    const scanned = await all(tenant, { ranges });
    expect(view(scanned)).toEqual(expectedOf(clusters));
    expect(scanned.every(({ clusterId, xids }) => clusterId === [...xids].sort()[0])).toBe(true);
  });

  it('takes every identity for a person of its own where people are not stitched', async () => {
    const { tenant, clusters } = await people();
    const scanned = await all(tenant, { graph: 'none', ranges: 3 });
    expect(scanned.map(({ xids }) => xids)).toEqual(
      clusters
        .flat()
        .map(({ xid }) => [xid])
        .sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    );
    for (const { xids, members, fragments: stored } of scanned) {
      expect(members.map(({ xid }) => xid)).toEqual(xids);
      expect(stored.every(({ xid }) => xid === xids[0])).toBe(true);
    }
  });

  it('finds people whose records are stored and whom the graph has not seen yet', async () => {
    const { tenant, clusters } = await people();
    const unseen = Array.from({ length: 20 }, (_, index) => identityOf(tenant, `email:unseen-${index}`));
    await fragments.apply(
      tenant,
      unseen.map((identity) => fragment(identity, 'a')),
    );
    for (const type of ['pdg', 'none'] as const) {
      const scanned = await all(tenant, { graph: type, ranges: 2 });
      const ids = scanned.map(({ clusterId }) => clusterId);
      expect(ids).toEqual([...new Set(ids)].sort());
      expect(ids).toHaveLength((type === 'pdg' ? clusters.length : clusters.flat().length) + 20);
      expect(scanned.filter(({ members }) => members.length === 0).map(({ xids }) => xids[0])).toEqual(
        unseen.map(({ xid }) => xid).sort(),
      );
    }
  });

  it('passes over deleted records and business entities', async () => {
    const tenant = graph.newTenant();
    const [person, account, gone] = ['email:person', 'crmid:account', 'email:gone'].map((text) =>
      identityOf(tenant, text),
    );
    await fragments.apply(tenant, [
      fragment(person as Identity, 'a'),
      fragment(account as Identity, 'b', { schema: businessSchemas.account }),
      (({ body: _, ...deleted }) => deleted)(fragment(gone as Identity, 'a')),
    ]);
    expect((await all(tenant)).map(({ clusterId }) => clusterId)).toEqual([person?.xid]);
  });

  it('sees what was there at its snapshot, whatever is written later', async () => {
    const { tenant, clusters } = await people();
    const snapshot = await snapshots.take();
    const before = await all(tenant, { snapshot });
    const [first, second] = clusters.map(([member]) => member);
    await fragments.apply(tenant, [
      fragment(second as Identity, 'a', { version: '2', age: 2, body: '{"changed":true}' }),
      fragment(identityOf(tenant, 'email:late'), 'a'),
    ]);
    await graph.writer.apply(tenant, [
      recordOf(
        tenant,
        [first, second].map((one) => `${one?.namespace}:${one?.id}`),
      ),
    ]);
    expect(await all(tenant, { snapshot })).toEqual(before);
    expect(await all(tenant)).toHaveLength(clusters.length);
  });

  it('says that a snapshot is forgotten', async () => {
    const tenant = graph.newTenant();
    const now = await snapshots.take();
    const longAgo = `${snapshotTime(now) / 1_000 - 1_000_000}.1`;
    await expect(all(tenant, { snapshot: longAgo })).rejects.toThrow(SnapshotExpiredError);
  });

  it('reads fewer people at once where they are large, and a person larger than a page whole', async () => {
    const { tenant, clusters } = await people();
    const members = clusters[4] ?? [];
    const tight = new PeopleScan(database, { pageSize: 100, mostCharacters: 300 });
    await fragments.apply(
      tenant,
      members.map((member) => fragment(member, 'large', { body: JSON.stringify({ text: 'x'.repeat(5_000) }) })),
    );
    const scanned = await all(tenant, { with: tight });
    expect(scanned.map(({ clusterId }) => clusterId)).toEqual((await all(tenant)).map(({ clusterId }) => clusterId));
    expect(view(scanned)).toEqual(view(await all(tenant)));
  });

  it('reads no records where only their ages are asked for', async () => {
    const { tenant } = await people();
    const stored = (await all(tenant, { bodies: false })).flatMap((person) => person.fragments);
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.every((one) => one.body === undefined && one.age === 1 && one.datasetId.length === 1)).toBe(true);
  });

  it('estimates how many identities there are', async () => {
    const tenant = graph.newTenant();
    const documents = Array.from({ length: 5_000 }, (_, index) => ({
      _id: identityOf(tenant, `email:${index}`).xid,
      tenant: tenantKey(tenant),
    }));
    await database.collection<{ _id: string }>('identities').insertMany(documents);
    const estimate = await scan.estimate(tenant, await snapshots.take());
    expect(estimate).toBeGreaterThan(3_000);
    expect(estimate).toBeLessThan(7_000);
  });

  it('reads identities and fragments by indexes that carry the tenant', async () => {
    const { tenant, clusters } = await people();
    const key = tenantKey(tenant);
    const known = clusters.flat().map(({ xid }) => xid);
    const identities = database
      .collection<{ _id: string }>('identities')
      .find({ tenant: key, _id: { $gt: 'A', $lt: 'a' } });
    const unseen = database
      .collection('fragments')
      .find({ tenant: key, xid: { $gt: '', $nin: known }, deleted: { $exists: false }, schema: { $exists: false } });
    for (const plan of [await identities.sort({ _id: 1 }).limit(10).explain(), await unseen.explain()]) {
      const text = JSON.stringify(plan['queryPlanner']);
      expect(text).toContain('"IXSCAN"');
      expect(text).toContain('"tenant":1');
      expect(text).not.toContain('"SORT"');
      expect(text).not.toContain('"COLLSCAN"');
    }
    const execution = (await unseen.explain('executionStats'))['executionStats'] as { totalDocsExamined: number };
    expect(execution.totalDocsExamined).toBe(0);
    expect(xidSample.after < String(xidSample.before)).toBe(true);
  });
});

describe('events of scanned people', () => {
  it('are counted once each, by dataset and identities, as far as they are visible at the snapshot', async () => {
    const { tenant, clusters } = await people();
    const [one, two] = [clusters[3] ?? [], clusters[7] ?? []];
    await events.apply(tenant, [
      event('e1', one.slice(0, 1)),
      event('e2', one.slice(0, 2), { time: 2_000 }),
      event('e3', one.slice(0, 2), { time: 3_000 }),
      event('e4', two, { datasetId: 'other' }),
      event('e5', two, { expireAt: new Date(1) }),
    ]);
    const snapshot = await snapshots.take();
    await events.apply(tenant, [event('late', one)]);
    const counts = new EventCounts(database);
    const xids = [...one, ...two].map(({ xid }) => xid);
    const found = await counts.of(tenant, xids, await counts.visibility(tenant, snapshot), snapshot);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { datasetId: 'events', xids: [one[0]?.xid], count: 1, newest: 1_000, acceptedAt: 1 },
        { datasetId: 'events', xids: one.slice(0, 2).map(({ xid }) => xid), count: 2, newest: 3_000, acceptedAt: 1 },
        { datasetId: 'other', xids: two.map(({ xid }) => xid), count: 1, newest: 1_000, acceptedAt: 1 },
      ]),
    );
  });

  it.each([100, 1_000_000])(
    'come with each person, oldest first, holding %d characters at once',
    async (characters) => {
      const { tenant, clusters } = await people();
      const writes = clusters.flatMap((members, person) =>
        Array.from({ length: person % 6 }, (_, index) =>
          event(`${person}-${index}`, members.slice(index % 2), {
            datasetId: `events-${characters}`,
            time: 100 - index,
            acceptedAt: index,
          }),
        ).filter(({ xids }) => xids.length > 0),
      );
      await events.apply(tenant, writes);
      const snapshot = await snapshots.take();
      const scanned = await all(tenant, { snapshot });
      const reader = new PersonEvents(database, characters);
      const visibility = await new EventCounts(database).visibility(tenant, snapshot);
      const found: { person: ScannedPerson; ids: string[] }[] = [];
      for await (const some of reader.of(tenant, scanned, { snapshot, visibility, acceptedAfter: 0 })) {
        found.push(...some.map(({ person, events: read }) => ({ person, ids: read.map(({ eventId }) => eventId) })));
      }
      expect(found.map(({ person }) => person)).toEqual(scanned);
      for (const { person, ids } of found) {
        const expected = writes
          .filter(({ xids, acceptedAt }) => acceptedAt > 0 && xids.some((xid) => person.xids.includes(xid)))
          .sort((a, b) => a.time - b.time)
          .map(({ eventId }) => eventId);
        expect(ids).toEqual(expected);
      }
    },
  );
});
