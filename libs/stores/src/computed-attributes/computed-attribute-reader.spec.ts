import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { tenantKey, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
import { lookbackInterval, PqlProgram, type Lookback } from '@tessera/pql';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import type { DatasetDocument } from '../datasets/dataset-document.js';
import type { EventDocument } from '../events/event-document.js';
import { EventWriter, type EventWrite } from '../events/event-writer.js';
import { HiddenBatches } from '../events/hidden-batches.js';
import { ensureIndexes } from '../indexes.js';
import { EventCounts } from '../people-scan/event-counts.js';
import { Snapshots } from '../people-scan/snapshots.js';
import { EventVisibilityReader, visibleEvents } from '../profile-reads/event-visibility.js';
import { AttributePrograms } from './attribute-programs.js';
import type { ComputedAttribute } from './computed-attribute.js';
import { ComputedAttributeReader } from './computed-attribute-reader.js';
import { ComputedAttributeStore } from './computed-attribute-store.js';
import { FiguresCalculator } from './figures-calculator.js';
import { figuresMarkOf } from './figures-document.js';
import { FiguresMarks } from './figures-marks.js';
import type { GoneEvents } from './seen-events.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const attributes = new ComputedAttributeStore(database);
/** Days of few events, and days kept by the hour. */
const calculators = [50, 1].map((most) => new FiguresCalculator(database, attributes, new AttributePrograms(), most));
const marks = new FiguresMarks(database);
const reader = new ComputedAttributeReader(database);
const hidden = new HiddenBatches(database);
const events = database.collection<EventDocument>('events');
const DAY = 86_400_000;
let tenants = 0;

const definitions: readonly (readonly [string, Lookback])[] = [
  ['xEvent.n.sum()', { count: 6, unit: 'MONTHS' }],
  ['xEvent[n > 2].count()', { count: 7, unit: 'DAYS' }],
  ['xEvent.n.average()', { count: 1, unit: 'MONTHS' }],
  ['xEvent.n.min()', { count: 4, unit: 'WEEKS' }],
  ['xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": n}).head()', { count: 24, unit: 'HOURS' }],
  ['xEvent.topN(timestamp, 3).map(n)', { count: 2, unit: 'WEEKS' }],
  ['exists e from xEvent where e.n = 4 and e.timestamp occurs < 3 days before now', { count: 7, unit: 'DAYS' }],
  ['xEvent.s.distinct().count() + xEvent[timestamp occurs this week].n.sum()', { count: 2, unit: 'MONTHS' }],
  ['xEvent.groupBy(s).keys().count() > limit', { count: 7, unit: 'DAYS' }],
];

function attributeOf(tenant: Tenant, expression: string, duration: Lookback, index: number): ComputedAttribute {
  const { mergeFunction, xdmType } = new PqlProgram(expression);
  const [createdAt, status] = [Date.now(), 'PROCESSED' as const];
  const texts = { name: `attribute${index}`, displayName: `attribute${index}`, description: '', createdBy: 'test' };
  const kept = { keepCurrent: false, createdAt, updatedAt: createdAt };
  return {
    id: randomUUID(),
    countedAs: randomUUID(),
    tenant,
    expression,
    duration,
    status,
    mergeFunction,
    xdmType,
    ...texts,
    ...kept,
  };
}

async function newTenant(): Promise<Tenant> {
  const tenant = { organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` };
  for (const [index, [expression, duration]] of definitions.entries()) {
    await attributes.insert(attributeOf(tenant, expression, duration, index));
  }
  return tenant;
}

/** What the reader has to say, worked out from all events at once. */
async function recomputed(
  tenant: Tenant,
  members: readonly string[],
  now: number,
  isGone: (event: EventDocument) => boolean = () => false,
): Promise<JsonObject> {
  const visibility = { ...(await new EventVisibilityReader(database).read(tenant)), now };
  const filter = { tenant: tenantKey(tenant), xids: { $in: [...members] }, ...visibleEvents(visibility) };
  const there = (await events.find(filter).toArray()).filter((event) => !isGone(event));
  const all = there.map((event) => ({
    ...event,
    body: JSON.parse(event.body) as JsonObject,
  }));
  const values = definitions.flatMap(([expression, duration], index): [string, JsonValue][] => {
    const { from, to } = lookbackInterval(duration, now);
    const within = all.filter(({ time }) => from <= time && time < to);
    const value = new PqlProgram(expression).evaluate(within, { now, profile: { limit: 1 } });
    return value === null ? [] : [[`attribute${index}`, value]];
  });
  return Object.fromEntries(values);
}

function body(time: number, n: number, s: string): string {
  return JSON.stringify({ timestamp: new Date(time).toISOString(), n, s });
}

const xids = ['a', 'b', 'c', 'd', 'e'];
const change = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      eventId: fc.integer({ min: 0, max: 40 }).map((id) => `e${id}`),
      carries: fc.oneof(
        fc.constantFrom(['a'], ['a', 'b']),
        fc.uniqueArray(fc.constantFrom(...xids), { minLength: 1, maxLength: 3 }),
      ),
      ago: fc.oneof(
        fc.integer({ min: 7 * 1_440 - 600, max: 7 * 1_440 + 600 }),
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: -600, max: 14 * 1_440 }),
        fc.integer({ min: 0, max: 200 * 1_440 }),
      ),
      n: fc.integer({ min: -20, max: 60 }).map((tenths) => tenths / 10),
      s: fc.constantFrom('x', 'y', 'z'),
      order: fc.integer({ min: 0, max: 9 }).map(String),
      batch: fc.option(fc.constantFrom('batch1', 'batch2')),
      dataset: fc.constantFrom('one', 'two'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), xid: fc.constantFrom(...xids) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('deleteBatch' as const), batch: fc.constantFrom('batch1', 'batch2') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('hide' as const, 'show' as const),
      batch: fc.constantFrom('batch1', 'batch2'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('expiry' as const), days: fc.constantFrom(1, 30, undefined) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('calculate' as const), by: fc.constantFrom(0, 1, 1) }),
  },
);
type Change = typeof change extends fc.Arbitrary<infer One> ? One : never;

/** A sandbox that things happen to, as workers do them. */
class World {
  private pending: string[] = [];
  private readonly writer = new EventWriter(database);

  constructor(readonly tenant: Tenant) {}

  async apply(change: Change, now: number): Promise<void> {
    const { tenant } = this;
    const key = `${tenant.organisation}/${tenant.sandbox}`;
    const prefix = tenant.sandbox;
    switch (change.kind) {
      case 'event': {
        const { eventId, carries, ago, n, s, order, batch, dataset } = change;
        const time = now - ago * 60_000;
        const write: EventWrite = {
          datasetId: `${prefix}${dataset}`,
          eventId,
          xids: carries,
          time,
          acceptedAt: now,
          order,
          ...(batch !== null && { batchId: `${prefix}${batch}` }),
          body: body(time, n, s),
        };
        const positions = [write];
        await this.writer.apply(tenant, [write], {
          displaced: (_, displaced) => positions.push(...displaced.map((position) => ({ ...write, ...position }))),
        });
        this.pending.push(...(await marks.mark(tenant, positions.map(figuresMarkOf))));
        return;
      }
      case 'delete':
        await events.deleteMany({ tenant: key, xids: change.xid });
        await marks.markAll(tenant, { xids: [change.xid] });
        return;
      case 'deleteBatch':
        await events.deleteMany({ tenant: key, batchId: `${prefix}${change.batch}` });
        await marks.markAll(tenant, { batchId: `${prefix}${change.batch}` });
        return;
      case 'hide':
      case 'show':
        await hidden.change(tenant, { [change.kind]: [`${prefix}${change.batch}`] });
        return;
      case 'expiry': {
        const set = { tenant: key, ...(change.days !== undefined && { 'expiry.milliseconds': change.days * DAY }) };
        const update = change.days === undefined ? { $set: set, $unset: { expiry: '' } } : { $set: set };
        const datasets = database.collection<DatasetDocument>('datasets');
        await datasets.updateOne({ _id: `${prefix}one` }, update as never, { upsert: true });
        return;
      }
      case 'calculate':
        await calculators[change.by]?.calculate(tenant, this.pending.splice(0));
    }
  }
}

beforeAll(() => ensureIndexes(database));

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('values of computed attributes', () => {
  it('are those of a full recomputation after any mix of new, late, repeated, replaced, hidden, expired and deleted events, merges and splits', async () => {
    let nontrivial = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 10, maxLength: 40 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 5, maxLength: 5 }),
        async (changes, groups) => {
          const world = new World(await newTenant());
          const now = Date.now();
          for (const change of changes) await world.apply(change, now);
          const people = [...Map.groupBy(xids, (_, index) => groups[index])].map(([group, members]) => ({
            clusterId: String(group),
            members,
            profile: { limit: 1 },
          }));
          for (const asking of [now, now + 5 * DAY, now]) {
            const values = await reader.valuesOf(world.tenant, people, asking);
            for (const { clusterId, members } of people) {
              const expected = await recomputed(world.tenant, members, asking);
              expect(values.get(clusterId)).toEqual(expected);
              nontrivial += Object.keys(expected).length > 5 ? 1 : 0;
            }
            // Whatever is still marked is counted before it is asked again.
            await world.apply({ kind: 'calculate', by: 1 }, now);
          }
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
    expect(nontrivial).toBeGreaterThan(30);
  }, 180_000);

  it('can be read as they were at a snapshot, without what is gone since, whatever happens later', async () => {
    const snapshots = new Snapshots(database);
    const counts = new EventCounts(database);
    let nontrivial = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 10, maxLength: 30 }),
        fc.array(change, { minLength: 1, maxLength: 10 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 5, maxLength: 5 }),
        fc.constantFrom('a', 'd', 'one'),
        async (before, after, groups, leaving) => {
          const world = new World(await newTenant());
          const { tenant } = world;
          const now = Date.now();
          for (const change of before) await world.apply(change, now);
          const dataset = `${tenant.sandbox}${leaving}`;
          const gone: GoneEvents = {
            concerns: (figures) => figures.datasetId === dataset || figures.xids.includes(leaving),
            has: (event) => event.datasetId === dataset || event.xids.includes(leaving),
          };
          const people = [...Map.groupBy(xids, (_, index) => groups[index])].map(([group, members]) => ({
            ...{ clusterId: String(group), members, profile: { limit: 1 } },
          }));
          const snapshot = await snapshots.take();
          const visibility = { ...(await counts.visibility(tenant, snapshot)), now };
          const whole = new Map<string, JsonObject>();
          const left = new Map<string, JsonObject>();
          for (const { clusterId, members } of people) {
            whole.set(clusterId, await recomputed(tenant, members, now));
            left.set(clusterId, await recomputed(tenant, members, now, (event) => gone.has(event)));
          }
          for (const change of after) await world.apply(change, now);
          await attributes.insert(attributeOf(tenant, 'xEvent.count()', { count: 1, unit: 'DAYS' }, 99));
          const [then, without] = await Promise.all([
            reader.at(tenant, { snapshot, seen: visibility }),
            reader.at(tenant, { snapshot, seen: { ...visibility, gone } }),
          ]);
          expect(await then?.valuesOf(people)).toEqual(whole);
          expect(await without?.valuesOf(people)).toEqual(left);
          nontrivial += Object.keys(left.get('0') ?? {}).length > 5 ? 1 : 0;
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
    expect(nontrivial).toBeGreaterThan(2);
  }, 180_000);
});
