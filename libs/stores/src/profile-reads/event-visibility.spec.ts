import fc from 'fast-check';
import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import type { DatasetDocument } from '../datasets/dataset-document.js';
import { EventWriter, type EventWrite } from '../events/event-writer.js';
import { ensureIndexes } from '../indexes.js';
import { EventReader } from './event-reader.js';

const HOUR = 3_600_000;
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const reader = new EventReader(database);
const writer = new EventWriter(database);
let sandboxes = 0;
const newTenant = (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(sandboxes += 1)}` });
const keyOf = ({ organisation, sandbox }: Tenant) => `${organisation}/${sandbox}`;

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

async function setExpiry(tenant: Tenant, datasetId: string, milliseconds: number | undefined): Promise<void> {
  const datasets = database.collection<DatasetDocument>('datasets');
  const filter = { _id: datasetId, tenant: keyOf(tenant) };
  const expiry = { ttl: '', milliseconds: milliseconds ?? 0, updated: 0 };
  const change = milliseconds === undefined ? { $unset: { expiry: '' as const } } : { $set: { expiry } };
  await datasets.updateOne(filter, { ...change, $setOnInsert: { name: datasetId } }, { upsert: true });
}

function write(datasetId: string, eventId: string, age: number, expireAt?: Date): EventWrite {
  const time = Date.now() - age;
  const write = { datasetId, eventId, xids: ['ada'], time, acceptedAt: 0, order: eventId, body: '{}' };
  return { ...write, ...(expireAt && { expireAt }) };
}

async function seen(tenant: Tenant, descending = false): Promise<string[]> {
  const [read] = await reader.findMany(tenant, [{ xids: ['ada'], descending, limit: 1_000 }]);
  return (read?.events ?? []).map(({ eventId }) => eventId);
}

describe('expired events', () => {
  it('vanish from every read in the moment their dataset gets a rule, written before as they are', async () => {
    const tenant = newTenant();
    await writer.apply(tenant, [
      write('a1', 'old', 3 * HOUR),
      write('a1', 'new', HOUR),
      write('b1', 'other', 9 * HOUR),
    ]);
    expect(await seen(tenant)).toEqual(['other', 'old', 'new']);
    await setExpiry(tenant, 'a1', 2 * HOUR);
    expect(await seen(tenant)).toEqual(['other', 'new']);
    await setExpiry(tenant, 'b1', 8 * HOUR);
    await setExpiry(tenant, 'a1', HOUR / 2);
    expect(await seen(tenant)).toEqual([]);
    expect(await reader.withEvents(tenant, ['ada'])).toEqual(new Set());
    await setExpiry(tenant, 'a1', undefined);
    expect(await seen(tenant)).toEqual(['old', 'new']);
  });

  it('stay so by the time written on them, whatever becomes of the rule', async () => {
    const tenant = newTenant();
    const past = new Date(Date.now() - HOUR);
    await writer.apply(tenant, [
      write('a2', 'gone', 2 * HOUR, past),
      write('a2', 'kept', 2 * HOUR, new Date(Date.now() + HOUR)),
    ]);
    expect(await seen(tenant)).toEqual(['kept']);
    expect(await reader.withEvents(tenant, ['ada'])).toEqual(new Set(['ada']));
  });

  it('are nobody’s of another sandbox', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    await writer.apply(tenant, [write('a3', 'mine', 3 * HOUR)]);
    await setExpiry(other, 'a3-other', HOUR);
    expect(await seen(tenant)).toEqual(['mine']);
  });

  it('are left out of pages that are otherwise those of filtering and sorting everything', async () => {
    const tenant = newTenant();
    const rules = new Map([
      ['p', 5 * HOUR],
      ['q', 2 * HOUR],
      ['r', 5 * HOUR],
    ]);
    for (const [datasetId, milliseconds] of rules) await setExpiry(tenant, datasetId, milliseconds);
    const writes = Array.from({ length: 120 }, (_, index) =>
      write(
        ['p', 'q', 'r', 's'][index % 4] ?? 's',
        `e${String(index).padStart(3, '0')}`,
        (index % 10) * HOUR + HOUR / 2,
      ),
    );
    await writer.apply(tenant, writes);
    const visible = writes
      .filter(({ datasetId, time }) => time > Date.now() - (rules.get(datasetId) ?? Infinity))
      .sort((a, b) => a.time - b.time || (a.eventId < b.eventId ? -1 : 1));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.integer({ min: 1, max: 20 }), async (descending, limit) => {
        const read: string[] = [];
        for (let after: EventWrite | undefined; ;) {
          const range = { xids: ['ada'], descending, limit, ...(after && { after }) };
          const [page] = await reader.findMany(tenant, [range]);
          read.push(...(page?.events ?? []).map(({ eventId }) => eventId));
          const last = page?.events.at(-1);
          if (!last || page?.events.length !== limit) break;
          after = writes.find(({ eventId }) => eventId === last.eventId);
        }
        const expected = visible.map(({ eventId }) => eventId);
        expect(read).toEqual(descending ? expected.toReversed() : expected);
      }),
      { numRuns: 15 },
    );
  });

  it('leave the disk by themselves', async () => {
    const indexes = await database.collection('events').indexes();
    expect(indexes).toContainEqual(
      expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0, sparse: true }),
    );
    const letters = await database.collection('dead_letters').indexes();
    expect(letters).toContainEqual(expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }));
  });
});
