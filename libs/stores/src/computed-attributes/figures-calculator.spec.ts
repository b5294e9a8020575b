import { randomUUID } from 'node:crypto';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { PqlProgram } from '@tessera/pql';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import { EventWriter, type EventWrite } from '../events/event-writer.js';
import { ensureIndexes } from '../indexes.js';
import { AttributePrograms } from './attribute-programs.js';
import { ComputedAttributeReader } from './computed-attribute-reader.js';
import { ComputedAttributeStore } from './computed-attribute-store.js';
import { FiguresCalculator } from './figures-calculator.js';
import { dayOf, figuresMarkOf, HOUR, type FiguresDocument } from './figures-document.js';
import { FiguresMarks } from './figures-marks.js';

/** Real: MongoDB. */
const { mongodbUri: uri } = testServers();
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const attributes = new ComputedAttributeStore(database);
const marks = new FiguresMarks(database);
const [events, figures] = [
  database.collection<EventDocument>('events'),
  database.collection<FiguresDocument>('computed_figures'),
];
const calculator = new FiguresCalculator(database, attributes, new AttributePrograms(), 3);
const reader = new ComputedAttributeReader(database);
/** The day before yesterday is over, whenever this runs. */
const day = dayOf(Date.now()) - 48 * HOUR;
let tenants = 0;
let tenant: Tenant;

beforeAll(() => ensureIndexes(database));
beforeEach(async () => {
  tenant = { organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` };
  const { mergeFunction, xdmType } = new PqlProgram('xEvent.n.sum()');
  await attributes.insert({
    id: randomUUID(),
    tenant,
    name: 'sum',
    displayName: 'sum',
    description: '',
    createdBy: 'test',
    expression: 'xEvent.n.sum()',
    countedAs: randomUUID(),
    duration: { count: 7, unit: 'DAYS' },
    status: 'PROCESSED',
    mergeFunction,
    xdmType,
    keepCurrent: false,
    createdAt: 1,
    updatedAt: 1,
  });
});
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

function eventAt(hour: number, n: number): EventWrite {
  return {
    datasetId: tenant.sandbox,
    eventId: randomUUID(),
    xids: ['a'],
    time: day + hour * HOUR,
    acceptedAt: 1,
    order: '1',
    body: JSON.stringify({ n }),
  };
}
async function happen(...writes: readonly EventWrite[]): Promise<void> {
  await new EventWriter(database).apply(tenant, writes);
  await calculator.calculate(tenant, await marks.mark(tenant, writes.map(figuresMarkOf)));
}
const sum = async () => (await reader.valuesOf(tenant, [{ clusterId: 'a', members: ['a'] }])).get('a')?.['sum'];
const hoursKept = async () => {
  const [found] = await figures.find({ tenant: tenantKey(tenant) }).toArray();
  return found?.parts && Object.keys(found.parts).toSorted();
};
/** Takes an event away behind everybody's back: whatever reads events again shows it. */
const loseSilently = ({ eventId }: EventWrite) => events.deleteOne({ eventId });

describe('counting a day of many events', () => {
  it('counts those of the hour anew that an event falls in, and no others', async () => {
    const lost = eventAt(1, 1);
    await happen(lost, eventAt(1, 10), eventAt(1, 100), eventAt(3, 1_000));
    expect(await hoursKept()).toEqual(['1', '3']);
    await loseSilently(lost);
    await happen(eventAt(3, 10_000));
    await happen(eventAt(5, 100_000));
    expect(await sum()).toBe(111_111);
    await happen(eventAt(1, 1_000_000));
    expect(await sum()).toBe(1_111_110);
    expect(await hoursKept()).toEqual(['1', '3', '5']);
  });

  it('reads for people who are asked about before it is counted the events of that hour, and no others', async () => {
    const lost = eventAt(1, 1);
    await happen(lost, eventAt(1, 10), eventAt(2, 100), eventAt(3, 1_000));
    await loseSilently(lost);
    const [late, other] = [eventAt(3, 10_000), eventAt(4, 100_000)];
    await new EventWriter(database).apply(tenant, [late, other]);
    await marks.mark(tenant, [figuresMarkOf(late)]);
    await marks.mark(tenant, [figuresMarkOf(other)]);
    expect(await sum()).toBe(111_111);
    await marks.markAll(tenant, { xids: ['a'] });
    expect(await sum()).toBe(111_110);
  });

  it('counts all of it once somebody has marked it without naming hours, also when hours are named later', async () => {
    const lost = eventAt(1, 1);
    await happen(lost, eventAt(1, 10), eventAt(2, 100), eventAt(3, 1_000));
    await loseSilently(lost);
    await marks.markAll(tenant, { xids: ['a'] });
    await happen(eventAt(3, 10_000));
    expect(await sum()).toBe(11_110);
  });

  it('forgets hours and days that nothing is left of', async () => {
    const hour = [eventAt(1, 1), eventAt(1, 10)];
    const rest = [eventAt(2, 100), eventAt(2, 1_000)];
    await happen(...hour, ...rest);
    for (const event of hour) await loseSilently(event);
    await calculator.calculate(tenant, await marks.mark(tenant, hour.map(figuresMarkOf)));
    expect(await hoursKept()).toEqual(['2']);
    expect(await sum()).toBe(1_100);
    for (const event of rest) await loseSilently(event);
    await calculator.calculate(tenant, await marks.mark(tenant, rest.map(figuresMarkOf)));
    expect(await figures.countDocuments({ tenant: tenantKey(tenant) })).toBe(0);
  });
});
