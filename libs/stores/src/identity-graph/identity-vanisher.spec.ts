import type { IdentityEvidence, Tenant } from '@tessera/contracts';
import { identityOf, knownTypes, ownGraph, recordOf, storedPeople } from './graph-fixture.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { MongoIdentityGraphWriter } from './identity-graph-writer.js';
import { DeletionFences } from '../deletions/deletion-fences.js';
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

  it.each(['before', 'after'] as const)(
    'stay when somebody speaks of them just %s they are looked for',
    async (when) => {
      await see(['email:alone'], ['phone:linked']);
      const arrive = async () => {
        // As ingestion does: first the data, then what it says.
        await store('fragments', { xid: xid('email:alone') });
        await see(['email:alone'], ['phone:linked', 'ecid:new']);
      };
      class Interrupted extends IdentityVanisher {
        protected override async withData(of: string, xids: readonly string[]): Promise<Set<string>> {
          if (when === 'before') await arrive();
          const found = await super.withData(of, xids);
          if (when === 'after') await arrive();
          return found;
        }
      }
      const concerned = ['email:alone', 'phone:linked'].map(xid);
      expect(await new Interrupted(database).vanish(tenant, concerned)).toBe(0);
      expect(await storedPeople(database, tenant)).toEqual([['ecid:new', 'phone:linked'], ['email:alone']]);
      expect(await people.find(tenant)).toEqual({ clusters: 2, identities: 3 });
    },
  );

  it('are spoken of again by those who know them from before: that they may vanish shows before anybody looks for them', async () => {
    await see(['email:alone']);
    const fences = new DeletionFences(database);
    const before = await fences.standing(tenant);
    const seen: (typeof before)[] = [];
    class Watched extends IdentityVanisher {
      protected override async withData(of: string, xids: readonly string[]): Promise<Set<string>> {
        seen.push(await fences.standing(tenant));
        return super.withData(of, xids);
      }
    }
    expect(await new Watched(database).vanish(tenant, [xid('email:alone')])).toBe(1);
    expect([before, ...seen]).toEqual([
      { version: 0, vanishings: 0 },
      { version: 0, vanishings: 1 },
    ]);
  });

  it('are there again when somebody speaks of them just after they have vanished', async () => {
    await see(['email:alone']);
    class Late extends MongoIdentityGraphWriter {
      private isFirst = true;
      /** Has the identity vanish after it was read, before it is kept. */
      protected override async readPlaces(...asked: Parameters<MongoIdentityGraphWriter['readPlaces']>) {
        if (this.isFirst) await database.collection('identities').updateMany({}, { $set: { vanishing: true } });
        const read = await super.readPlaces(...asked);
        if (this.isFirst) expect(await vanisher.vanish(tenant, [xid('email:alone')])).toBe(1);
        this.isFirst = false;
        return read;
      }
    }
    await new Late(database, { namespaces: knownTypes }).apply(tenant, [recordOf(tenant, ['email:alone'])]);
    expect(await storedPeople(database, tenant)).toEqual([['email:alone']]);
    expect(await people.find(tenant)).toEqual({ clusters: 1, identities: 1 });
  });
});
