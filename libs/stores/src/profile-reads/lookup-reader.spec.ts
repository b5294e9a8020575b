import type { Document } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { ensureIndexes } from '../indexes.js';
import { IdentityGraphReader } from '../identity-graph/identity-graph-reader.js';
import { MergePolicyStore } from '../merge-policies/merge-policy-store.js';
import { testDatabase } from '../test-database.fixture.js';
import { LookupReader } from './lookup-reader.js';

/** Real: MongoDB. */
describe('what a lookup begins with', () => {
  const database = testDatabase();
  const [graph, policies] = [new IdentityGraphReader(database), new MergePolicyStore(database)];
  const reader = new LookupReader(database, policies);
  const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
  const other: Tenant = { ...tenant, sandbox: 'other' };

  beforeAll(async () => {
    await ensureIndexes(database);
    const identity = (key: string, xid: string): Document => ({
      ...{ _id: xid, tenant: key, namespace: 'email', id: xid, clusterId: xid, componentId: xid, contested: false },
      members: [{ xid, namespace: 'email', id: xid }],
    });
    await database
      .collection<Document>('identities')
      .insertMany([
        ...Array.from({ length: 1_500 }, (_, index) => identity('ORG@TesseraOrg/prod', `x${index}`)),
        identity('ORG@TesseraOrg/other', 'foreign'),
      ] as never[]);
  });

  it.each([
    ['some identities', ['x1', 'unseen', 'x2', 'x1', 'foreign']],
    ['none', []],
    ['more than one answer has by default', Array.from({ length: 1_600 }, (_, index) => `x${index}`)],
  ])('is what the graph and the policies say, of %s', async (_, xids) => {
    const { identities, policies: found } = await reader.find(tenant, xids);
    const byXid = (a: { _id: string }, b: { _id: string }) => (a._id < b._id ? -1 : 1);
    expect([...identities].sort(byXid)).toEqual((await graph.findMany(tenant, xids)).sort(byXid));
    expect([found]).toEqual(await policies.findMany([tenant]));
  });

  it('is the first policy of a sandbox that was never asked', async () => {
    const fresh = { ...tenant, sandbox: 'fresh' };
    const { identities, policies: found } = await reader.find(fresh, ['x1']);
    expect(identities).toEqual([]);
    expect(found).toHaveLength(1);
    expect([found]).toEqual(await policies.findMany([fresh]));
  });

  it('keeps to its tenant', async () => {
    const { identities, policies: found } = await reader.find(other, ['x1', 'foreign']);
    expect(identities.map(({ _id }) => _id)).toEqual(['foreign']);
    expect(new Set(found.map((policy) => policy.tenant.sandbox))).toEqual(new Set(['other']));
  });
});
