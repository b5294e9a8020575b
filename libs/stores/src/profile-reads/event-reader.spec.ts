import fc from 'fast-check';
import type { Document } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { EventWriter, type EventWrite } from '../events/event-writer.js';
import { ensureIndexes } from '../indexes.js';
import { anyEventPipeline, eventPagesPipeline, type EventRange } from './event-page.js';
import { EventReader, type StoredEvent } from './event-reader.js';
import type { EventVisibility } from './event-visibility.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const reader = new EventReader(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

const writes: EventWrite[] = Array.from({ length: 400 }, (_, index) => ({
  datasetId: `dataset-${index % 2}`,
  // Some events of two datasets share their id, and forty share each millisecond.
  eventId: `event-${String(Math.floor(index / (index % 5 === 0 ? 2 : 1))).padStart(3, '0')}`,
  xids: [`x${index % 3}`, ...(index % 4 === 0 ? [`y${index % 7}`] : [])],
  time: 1_700_000_000_000 + Math.floor(index / 40),
  acceptedAt: 1_700_000_000_000,
  order: `order-${index}`,
  body: JSON.stringify({ index }),
}));
const distinct = [...new Map(writes.map((write) => [`${write.datasetId}.${write.eventId}`, write])).values()];

beforeAll(async () => {
  await ensureIndexes(database);
  const writer = new EventWriter(database);
  await writer.apply(tenant, distinct);
  await writer.apply({ organisation: 'ORG@TesseraOrg', sandbox: 'other' }, [
    { ...(distinct[0] as EventWrite), datasetId: 'foreign' },
  ]);
});

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

/** The slow, obviously right way. */
function expected({ xids, from = -Infinity, to = Infinity, descending, after, limit }: EventRange): string[] {
  const key = ({ time, eventId, datasetId }: { time: number; eventId: string; datasetId: string }): string =>
    `${time}/${eventId}/${datasetId}`;
  const all = distinct
    .filter((event) => event.xids.some((xid) => xids.includes(xid)) && event.time >= from && event.time < to)
    .map(key)
    .sort();
  if (descending) all.reverse();
  const remaining = after === undefined ? all : all.filter((one) => (descending ? one < key(after) : one > key(after)));
  return remaining.slice(0, limit);
}

/** As where two of many datasets let their events expire. */
const visibility: EventVisibility = {
  now: 1_700_000_100_000,
  hidden: [],
  keptFor: new Map([
    ['dataset-0', 200_000],
    ['dataset-9', 300_000],
  ]),
};

const keysOf = (events: readonly StoredEvent[]): string[] =>
  events.map(({ time, eventId, datasetId }) => `${time}/${eventId}/${datasetId}`);

const place = fc.constantFrom(...distinct).map(({ time, eventId, datasetId }) => ({ time, eventId, datasetId }));
const instant = fc.integer({ min: 1_699_999_999_999, max: 1_700_000_000_011 });
const range: fc.Arbitrary<EventRange> = fc.record(
  {
    xids: fc.uniqueArray(fc.constantFrom('x0', 'x1', 'x2', 'y0', 'y1', 'unseen'), { minLength: 1 }),
    from: instant,
    to: instant,
    descending: fc.boolean(),
    after: place,
    limit: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: ['xids', 'descending', 'limit'] },
);

describe('reading events', () => {
  it('reads what filtering and sorting everything gives, for several people at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 4 }), async (ranges) => {
        const reads = await reader.findMany(tenant, ranges);
        expect(reads.map(({ events }) => keysOf(events))).toEqual(ranges.map(expected));
      }),
      { numRuns: 100 },
    );
  });

  it('stops at its size with everything before it in place, and says which ranges it cut', async () => {
    const small = new EventReader(database, 200);
    const ranges = ['x0', 'x1', 'x2'].map((xid) => ({ xids: [xid], descending: false, limit: 15 }));
    const reads = await small.findMany(tenant, ranges);
    const whole = ranges.map(expected);
    expect(reads.map(({ isWhole }) => isWhole)).toEqual([true, false, false]);
    expect(keysOf(reads[0]?.events ?? [])).toEqual(whole[0]);
    const cut = keysOf(reads[1]?.events ?? []);
    expect(cut.length).toBeLessThan(15);
    expect(cut).toEqual(whole[1]?.slice(0, cut.length));
    expect(reads[2]?.events).toEqual([]);
  });

  it('knows which identities have events', async () => {
    const asked = ['x1', 'unseen', 'y0', 'x1'];
    expect(await reader.withEvents(tenant, asked)).toEqual(new Set(['x1', 'y0']));
    expect(await reader.withEvents({ ...tenant, sandbox: 'empty' }, asked)).toEqual(new Set());
    expect(await reader.withEvents(tenant, [])).toEqual(new Set());
  });

  it('finds out whether there are events by one key for each identity', async () => {
    const pipeline = anyEventPipeline(tenant, ['x1', 'unseen', 'y0'], visibility);
    const plan = await database.aggregate(pipeline).explain('executionStats');
    expect(valuesOf(plan, 'indexesUsed').flat()).toEqual(['tenant_1_xids_1_time_1_eventId_1_datasetId_1']);
    expect(valuesOf(plan, 'collectionScans').map(Number)).toEqual([0]);
    expect(Math.max(...valuesOf(plan, 'totalKeysExamined').map(Number))).toBeLessThanOrEqual(3);
  });

  it.each([
    ['oldest first', false],
    ['newest first', true],
  ])('seeks in the index and never sorts what it does not return, %s', async (_, descending) => {
    const after = { time: 1_700_000_000_004, eventId: 'event-180', datasetId: 'dataset-0' };
    const xids = Array.from({ length: 50 }, (_, index) => (index < 3 ? `x${index}` : `z${index}`));
    for (const page of [{}, { after }, { from: 1_700_000_000_002, to: 1_700_000_000_008, after }]) {
      const pipeline = eventPagesPipeline(tenant, [{ xids, descending, limit: 10, ...page }], visibility);
      const plan = await database.collection('events').aggregate(pipeline).explain('executionStats');
      const stages = valuesOf(plan, 'stage');
      expect(stages).toContain('IXSCAN');
      expect(stages).not.toContain('COLLSCAN');
      expect(stages).not.toContain('SORT');
      const keys = valuesOf(plan, 'totalKeysExamined').map(Number);
      // One key for each of the 50 identities to find out that it has no more, and those returned.
      for (const examined of keys) expect(examined).toBeLessThanOrEqual(100);
      expect(keys).not.toHaveLength(0);
    }
  });
});

/** Every value of a field, at any depth of an explanation. */
function valuesOf(document: Document, field: string): unknown[] {
  return Object.entries(document).flatMap(([key, value]: [string, unknown]) => {
    if (key === field) return [value];
    return typeof value === 'object' && value !== null ? valuesOf(value, field) : [];
  });
}
