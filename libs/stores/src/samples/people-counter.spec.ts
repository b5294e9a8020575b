import { tenantKey, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import { graphCollections } from '../identity-graph/graph-collections.js';
import { identityOf, knownTypes, ownGraph, recordOf } from '../identity-graph/graph-fixture.js';
import { MongoIdentityGraphWriter } from '../identity-graph/identity-graph-writer.js';
import { PeopleCounter } from './people-counter.js';

/** Real: MongoDB. */
const graph = ownGraph();
const counter = new PeopleCounter(graph.database);
/** So small that people come apart to make room. */
const crowded = new MongoIdentityGraphWriter(graph.database, {
  namespaces: knownTypes,
  limits: { identities: 4, links: 20 },
});

beforeAll(graph.prepare);
afterAll(graph.close);

/** The numbers, counted. */
async function counted(tenant: Tenant) {
  const { identities } = graphCollections(graph.database);
  const all = await identities.find({ tenant: tenantKey(tenant) }).toArray();
  return { clusters: new Set(all.map(({ clusterId }) => clusterId)).size, identities: all.length };
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function evidenceOf(tenant: Tenant, next: () => number): IdentityEvidence[] {
  return Array.from({ length: 150 }, (_, at) => {
    const one = () => `email:p${Math.floor(next() * 60)}`;
    const named = Array.from({ length: 1 + Math.floor(next() * 3) }, one);
    return recordOf(tenant, [...new Set(named)], { at: at + 1, batchId: `b${at % 3}` });
  });
}

describe('the number of people', () => {
  it.each([1, 2, 3])(
    'follows the graph, whoever changes it, in whatever order and how often (seed %d)',
    async (seed) => {
      const tenant = graph.newTenant();
      const evidence = evidenceOf(tenant, random(seed));
      for (let from = 0; from < evidence.length; from += 25) {
        const some = evidence.slice(from, from + 25);
        await Promise.all([graph.writer.apply(tenant, some), crowded.apply(tenant, some.slice(5))]);
      }
      expect(await counter.find(tenant)).toEqual(await counted(tenant));
      const before = await counter.find(tenant);
      await graph.writer.apply(tenant, evidence.slice(-25));
      expect(await counter.find(tenant)).toEqual(await counted(tenant));
      expect((await counter.find(tenant)).identities).toBe(before.identities);

      const withdrawn = { datasetId: 'dataset', batchId: 'b1' };
      for await (const _step of graph.maintenance.removeEvidence(tenant, withdrawn, 1_000));
      expect(await counter.find(tenant)).toEqual(await counted(tenant));

      const xids = Array.from({ length: 20 }, (_, index) => identityOf(tenant, `email:p${index}`).xid);
      for await (const _step of graph.maintenance.removeEvidence(tenant, { xids }, 2_000));
      expect(await counter.find(tenant)).toEqual(await counted(tenant));
    },
  );

  it('is put right by a count, without losing what was added meanwhile', async () => {
    const tenant = graph.newTenant();
    await counter.add(tenant, { clusters: 10, identities: 20 });
    const kept = await counter.find(tenant);
    await counter.add(tenant, { clusters: 1, identities: 2 });
    await counter.correct(tenant, kept, { clusters: 7, identities: 21 });
    expect(await counter.find(tenant)).toEqual({ clusters: 8, identities: 23 });
    expect(await counter.find(graph.newTenant())).toEqual({ clusters: 0, identities: 0 });
  });

  it('is listed of every sandbox', async () => {
    const tenants = [graph.newTenant(), graph.newTenant()];
    for (const tenant of tenants) await counter.add(tenant, { clusters: 3, identities: 4 });
    const listed: Tenant[] = [];
    for (let page = await counter.list(undefined, 2); page.length > 0; page = await counter.list(listed.at(-1), 2)) {
      listed.push(...page.map(({ tenant }) => tenant));
    }
    expect(listed).toEqual(expect.arrayContaining(tenants));
    expect(new Set(listed.map(tenantKey)).size).toBe(listed.length);
  });
});
