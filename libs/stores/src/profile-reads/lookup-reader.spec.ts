import type { Document } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { ensureIndexes } from '../indexes.js';
import { IdentityGraphReader, type StoredIdentity } from '../identity-graph/identity-graph-reader.js';
import { MergePolicyStore } from '../merge-policies/merge-policy-store.js';
import { testDatabase } from '../test-database.fixture.js';
import { FragmentReader, type StoredFragment } from './fragment-reader.js';
import { LookupReader } from './lookup-reader.js';

const byXid = (found: readonly StoredIdentity[]) => [...found].sort((a, b) => (a._id < b._id ? -1 : 1));

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
    expect(byXid(identities)).toEqual(byXid(await graph.findMany(tenant, xids)));
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

  describe('with fragments', () => {
    const people: Tenant = { ...tenant, sandbox: 'people' };
    const fragments = new FragmentReader(database);

    /** A person of some identities, each with a fragment of two datasets, of which one was deleted. */
    const person = async (name: string, identities: number, text = '') => {
      const key = 'ORG@TesseraOrg/people';
      const members = Array.from({ length: identities }, (_, index) => ({
        ...{ xid: `${name}${index}`, namespace: 'email', id: `${name}${index}` },
      }));
      const clusterId = `${name}0`;
      const common = { tenant: key, namespace: 'email', clusterId, componentId: clusterId, contested: false, members };
      const said = members.flatMap(({ xid }) =>
        ['d1', 'd2'].map((datasetId) => ({
          ...{ _id: `${datasetId}/${xid}`, tenant: key, datasetId, xid, age: '1', version: '1', schema: 'profile' },
          ...(datasetId === 'd1' && { body: JSON.stringify({ text }) }),
          unread: true,
        })),
      );
      await database
        .collection<Document>('identities')
        .insertMany(members.map(({ xid, id }) => ({ ...common, _id: xid, id })) as never[]);
      for (const one of said) await database.collection<Document>('fragments').insertOne(one as never);
      return members.map(({ xid }) => xid);
    };

    const byId = (found: readonly StoredFragment[]) =>
      [...found].sort((a, b) => (a.datasetId + a.xid < b.datasetId + b.xid ? -1 : 1));

    it('is also what was said of everybody in the clusters, as the two queries would tell it', async () => {
      const [ada, bob] = [await person('ada', 3), await person('bob', 1)];
      const asked = [...ada.slice(0, 2), ...bob, 'unseen'];
      const whole = await reader.findWithFragments(people, asked);
      const { identities, policies: found } = await reader.find(people, asked);
      expect(byXid(whole.identities)).toEqual(byXid(identities));
      expect(whole.policies).toEqual(found);
      expect(byId(whole.fragments ?? [])).toEqual(byId(await fragments.findMany(people, [...ada, ...bob])));
    });

    it('has identities of which nothing was said', async () => {
      const { identities, fragments: said } = await reader.findWithFragments(tenant, ['x1']);
      expect(identities).toEqual(await graph.findMany(tenant, ['x1']));
      expect(said).toEqual([]);
    });

    it('has all of a person of whom more was said than one document can hold', async () => {
      const [first = '', ...others] = await person('large', 20, 'x'.repeat(1_000_000));
      const { identities, fragments: said = [] } = await reader.findWithFragments(people, [first]);
      expect(identities).toHaveLength(1);
      expect(byId(said)).toEqual(byId(await fragments.findMany(people, [first, ...others])));
    });

    it('leaves the fragments of many to a query of their own', async () => {
      const many = await person('many', 5);
      const whole = await reader.findWithFragments(people, many);
      expect(whole).not.toHaveProperty('fragments');
      expect(whole.identities).toHaveLength(5);
    });

    it('keeps to its tenant', async () => {
      const key = 'ORG@TesseraOrg/other';
      const [xid = ''] = await person('mine', 1);
      const copy = { _id: 'd1/copy', tenant: key, datasetId: 'd1', xid, age: '1', version: '1', schema: 'profile' };
      await database.collection<Document>('fragments').insertOne(copy as never);
      expect((await reader.findWithFragments(people, [xid])).fragments).toHaveLength(2);
      expect((await reader.findWithFragments(other, [xid])).fragments).toEqual([]);
    });
  });
});
