import type { IdentityEvidence, Tenant } from '@tessera/contracts';
import { identityOf, ownGraph, recordOf, storedPeople } from './graph-fixture.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { IdentityVanisher } from './identity-vanisher.js';

/** Real: MongoDB. */
const graph = ownGraph();
const { database, writer } = graph;
const vanisher = new IdentityVanisher(database);
const people = new PeopleCounter(database);
let tenant: Tenant;

beforeAll(() => graph.prepare());
beforeEach(() => {
  tenant = graph.newTenant();
});
afterAll(() => graph.close());

const see = (...records: string[][]) => {
  const evidence = records.map((identities): IdentityEvidence => recordOf(tenant, identities));
  return writer.apply(tenant, evidence);
};
const xid = (text: string) => identityOf(tenant, text).xid;
const store = (collection: 'fragments' | 'events', document: object) =>
  database.collection(collection).insertOne({ tenant: `${tenant.organisation}/${tenant.sandbox}`, ...document });

describe('identities', () => {
  it('vanish when no link, fragment or event speaks of them', async () => {
    await see(['email:alone'], ['email:a', 'phone:1'], ['email:record'], ['email:event']);
    await store('fragments', { xid: xid('email:record') });
    await store('events', { xids: [xid('email:other'), xid('email:event')] });
    const all = ['email:alone', 'email:a', 'phone:1', 'email:record', 'email:event', 'email:unknown'].map(xid);
    expect(await vanisher.vanish(tenant, all)).toBe(1);
    expect(await storedPeople(database, tenant)).toEqual([['email:a', 'phone:1'], ['email:event'], ['email:record']]);
    expect(await people.find(tenant)).toEqual({ clusters: 3, identities: 4 });
    expect(await vanisher.vanish(tenant, all)).toBe(0);
  });

  it('stay, or come back, when somebody speaks of them at the same time', async () => {
    for (let round = 0; round < 40; round += 1) {
      const [alone, linked] = [`email:${round}`, `phone:${round}`];
      await see([alone], [linked]);
      const arrive = async () => {
        // As ingestion does: first the data, then what it says.
        await store('fragments', { xid: xid(alone) });
        await see([alone], [linked, `ecid:${round}`]);
      };
      await Promise.all([vanisher.vanish(tenant, [alone, linked].map(xid)), arrive()]);
      const known = await storedPeople(database, tenant);
      expect(known).toContainEqual([alone]);
      expect(known).toContainEqual([`ecid:${round}`, linked].sort());
    }
    expect(await people.find(tenant)).toEqual({ clusters: 80, identities: 120 });
  });
});
