import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, eventually, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { graphCollections } from './graph-collections.js';
import { identityOf, knownTypes, recordOf, storedPeople } from './graph-fixture.js';
import { MongoIdentityGraphWriter } from './identity-graph-writer.js';
import { TransactionSessions } from './transaction-sessions.js';

/** Real: MongoDB, with its own minute until it ends an abandoned transaction. */
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const [own, others] = [Database.create({ uri, name }), Database.create({ uri, name })];
const ids = new TransactionSessions(own, { interval: 50, deadAfter: 2_000 });
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

beforeAll(() => ensureIndexes(own));
afterAll(async () => {
  await ids.close();
  await Promise.all([own.close(), others.close()]);
  await dropTestDatabase(uri, name);
});

const registered = () => own.collection<{ _id: string }>('transaction_sessions').find().toArray();

describe('sessions of transactions', () => {
  it('are ended by the others when their process died in the middle of a transaction', async () => {
    const writer = new MongoIdentityGraphWriter(own, { namespaces: knownTypes, sessions: ids });
    await writer.apply(tenant, [recordOf(tenant, ['email:ada', 'phone:1'])]);

    const dead = new TransactionSessions(others);
    const { identities } = graphCollections(others);
    await dead.with(async (session) => {
      session.startTransaction();
      await identities.updateMany({ tenant: 'ORG@TesseraOrg/prod' }, { $set: { contested: true } }, { session });
    });

    ids.start();
    await eventually(async () => expect(await registered()).toHaveLength(1));
    await writer.apply(tenant, [recordOf(tenant, ['email:ada', 'ecid:x'])]);
    expect(await storedPeople(own, tenant)).toEqual([['ecid:x', 'email:ada', 'phone:1']]);
    const ada = await identities.findOne({ _id: identityOf(tenant, 'email:ada').xid });
    expect(ada?.contested).toBe(false);
  });

  it('are lent to one at a time and used again', async () => {
    const sessions = new TransactionSessions(own);
    const seen = await Promise.all([
      sessions.with((session) => Promise.resolve(session)),
      sessions.with((session) => Promise.resolve(session)),
    ]);
    expect(new Set(seen).size).toBe(2);
    expect(seen).toContain(await sessions.with((session) => Promise.resolve(session)));
    await sessions.close();
  });

  it('stay while their process gives signs of life, and are forgotten when it closes', async () => {
    const alive = new TransactionSessions(others, { interval: 50, deadAfter: 2_000 });
    await alive.with(() => Promise.resolve());
    alive.start();
    const before = await registered();
    expect(before.length).toBeGreaterThan(0);
    const until = Date.now() + 3_000;
    await eventually(async () => {
      await ids.beat();
      expect(Date.now()).toBeGreaterThan(until);
    });
    expect((await registered()).map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
    await alive.close();
    expect(await registered()).toHaveLength(before.length - 1);
  });
});
