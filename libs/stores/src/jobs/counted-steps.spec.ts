import { UnavailableError, type Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { newSessions } from '../identity-graph/transaction-runner.js';
import { ensureIndexes } from '../indexes.js';
import { CountedSteps } from './counted-steps.js';
import { JobStore } from './job-store.js';

/** Real: MongoDB. */
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const jobs = new JobStore(database);
const steps = new CountedSteps(database, newSessions(database.client));
const events = database.collection<{ _id: string; kept?: number }>('events');
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

beforeAll(() => ensureIndexes(database));
beforeEach(async () => {
  await events.deleteMany({});
  await events.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: `e${n}` })));
});
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

async function newJob(id: string): Promise<string> {
  const asked = { properties: {}, requestedBy: 'me', requestId: 'r', createdAt: 1 };
  return (await jobs.create(tenant, { id, type: 'TRUNCATE_DATASET', ...asked })).id;
}
const remove = (id: string, ids: readonly string[]) =>
  steps.take(tenant, id, async (session) => {
    const { deletedCount } = await events.deleteMany({ _id: { $in: [...ids] } }, { session });
    return { events: deletedCount };
  });
const countedOf = async (id: string) => (await jobs.find(tenant, id))?.metrics;

it('does a step and counts it', async () => {
  const id = await newJob('one');
  const taken = await remove(id, ['e0', 'e1', 'unknown']);
  expect(taken).toMatchObject({ counts: { events: 2 }, job: { id, metrics: { events: 2 } } });
  expect(await remove(id, ['e1', 'e2'])).toMatchObject({ counts: { events: 1 }, job: { metrics: { events: 3 } } });
  expect(await countedOf(id)).toEqual({ events: 3 });
});

it('neither does nor counts a step that fails on the way', async () => {
  const id = await newJob('failing');
  const failing = steps.take(tenant, id, async (session) => {
    await events.deleteMany({}, { session });
    throw new UnavailableError('mongodb', new Error('away'));
  });
  await expect(failing).rejects.toBeInstanceOf(UnavailableError);
  expect([await events.countDocuments(), await countedOf(id)]).toEqual([10, {}]);
});

it('does nothing in the name of a job that has ended, or is not known', async () => {
  const id = await newJob('ended');
  await jobs.cancel(tenant, id);
  expect(await remove(id, ['e0'])).toBeNull();
  expect(await remove('unknown', ['e0'])).toBeNull();
  expect([await events.countDocuments(), await countedOf(id)]).toEqual([10, {}]);
});

it('counts everything once, however many do the same steps of a job at the same time', async () => {
  const id = await newJob('many');
  const pairs = Array.from({ length: 5 }, (_, n) => [`e${2 * n}`, `e${2 * n + 1}`]);
  const turn = async () => {
    for (const pair of pairs) await remove(id, pair);
  };
  await Promise.all([turn(), turn(), turn()]);
  expect([await events.countDocuments(), await countedOf(id)]).toEqual([0, { events: 10 }]);
});

it('steps aside for somebody who writes to the same documents, and does the step then', async () => {
  const id = await newJob('beside');
  let tries = 0;
  await steps.take(tenant, id, async (session) => {
    await events.findOne({ _id: 'e5' }, { session });
    if ((tries += 1) === 1) await events.updateOne({ _id: 'e5' }, { $set: { kept: 1 } });
    const filter = { _id: { $in: ['e4', 'e5'] }, kept: { $exists: false } };
    return { events: (await events.deleteMany(filter, { session })).deletedCount };
  });
  expect([tries, await countedOf(id)]).toEqual([2, { events: 1 }]);
});
