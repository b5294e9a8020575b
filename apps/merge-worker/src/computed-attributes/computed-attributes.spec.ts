import { randomUUID } from 'node:crypto';
import type { EventsStoredMessage, ProfileChangedMessage, Tenant } from '@tessera/contracts';
import { PqlProgram } from '@tessera/pql';
import {
  AttributePrograms,
  ComputedAttributeReader,
  ComputedAttributeStore,
  CountedTenants,
  EventRemover,
  EventWriter,
  FiguresCalculator,
  FiguresMarks,
  figuresKeyOf,
  figuresMarkOf,
  IdentityGraphReader,
  PassingTime,
  storedEventId,
  type ComputedAttribute,
  type EventWrite,
} from '@tessera/stores';
import { ChangePublisher, Producer } from '@tessera/messaging';
import { eventually } from '@tessera/testing';
import { evidenceOf, graphWorker, identityOf } from '../graph-worker.fixture.js';
import { ComputedAttributeMetrics } from './computed-attribute-metrics.js';
import { FiguresUpdater } from './figures-updater.js';
import { OverdueFigures } from './overdue-figures.js';
import { RollingWindows } from './rolling-windows.js';
import { StoredEventsHandler } from './stored-events.handler.js';

const DAY = 86_400_000;
const worker = graphWorker();
const { database, producer, publisher, logger } = worker;
const attributes = new ComputedAttributeStore(database);
const programs = new AttributePrograms();
const marks = new FiguresMarks(database);
const parts = {
  marks,
  calculator: new FiguresCalculator(database, attributes, programs),
  graph: new IdentityGraphReader(database),
  announcements: worker.announcements,
  publisher,
  metrics: new ComputedAttributeMetrics(worker.exposition),
};
const updater = new FiguresUpdater(parts);
const handler = new StoredEventsHandler({ counted: new CountedTenants(attributes), updater, producer, logger });
const overdue = new OverdueFigures(marks, updater, logger, 0);
const windows = new RollingWindows(new PassingTime(database, programs), attributes, updater, logger, 0);
const reader = new ComputedAttributeReader(database);
const writer = new EventWriter(database);

beforeAll(() => worker.start());
afterAll(() => worker.close());

async function tenantWith(expression: string, duration: ComputedAttribute['duration']): Promise<Tenant> {
  const tenant = worker.newTenant();
  const { mergeFunction, xdmType } = new PqlProgram(expression);
  const now = Date.now();
  await attributes.insert({
    id: randomUUID(),
    countedAs: randomUUID(),
    tenant,
    name: 'value',
    displayName: 'value',
    description: '',
    expression,
    duration,
    keepCurrent: false,
    status: 'PROCESSED',
    mergeFunction,
    xdmType,
    createdAt: now,
    updatedAt: now,
    createdBy: 'test',
  });
  return tenant;
}

function eventOf(tenant: Tenant, email: string, n: number, time: number, batchId?: string): EventWrite {
  return {
    datasetId: `dataset of ${tenant.sandbox}`,
    eventId: randomUUID(),
    xids: [identityOf(tenant, `email:${email}`).xid],
    time,
    acceptedAt: Date.now(),
    order: randomUUID(),
    ...(batchId !== undefined && { batchId }),
    body: JSON.stringify({ n }),
  };
}

function storedMessage(tenant: Tenant, events: readonly EventWrite[]): EventsStoredMessage {
  const stored = events.map(figuresKeyOf).map(({ day, xids, ...key }) => ({ ...key, xids: [...xids], days: [day] }));
  return { ...tenant, acceptedAt: Date.now(), stored };
}

/** Stores events and has them counted, as the ingestion worker does. */
async function store(tenant: Tenant, events: readonly EventWrite[]): Promise<void> {
  await writer.apply(tenant, events);
  await marks.mark(tenant, events.map(figuresMarkOf));
  await handler.handle([worker.message(storedMessage(tenant, events))]);
}

async function valueOf(tenant: Tenant, email: string): Promise<unknown> {
  const { xid } = identityOf(tenant, `email:${email}`);
  return (await reader.valuesOf(tenant, [{ clusterId: xid, members: [xid] }])).get(xid)?.['value'];
}

interface FiguresRow {
  readonly dirty?: true;
  readonly expires?: number;
  readonly summaries?: object;
}

async function figuresOf(tenant: Tenant): Promise<FiguresRow[]> {
  const key = `${tenant.organisation}/${tenant.sandbox}`;
  return database.collection<FiguresRow & { tenant: string }>('computed_figures').find({ tenant: key }).toArray();
}

/** The members of people that are announced as changed while something is done. */
async function announced(tenant: Tenant, act: () => Promise<void>, xids: readonly string[]): Promise<void> {
  const [heard, since] = [new Set<string>(), Date.now()];
  const listener = await worker.listen('profile.changed.v1', (text) => {
    const { sandbox, changes } = JSON.parse(text) as ProfileChangedMessage;
    const later = changes.filter(({ acceptedAt }) => sandbox === tenant.sandbox && acceptedAt >= since);
    for (const { members } of later) for (const xid of members) heard.add(xid);
  });
  try {
    await act();
    await eventually(() => expect([...heard]).toEqual(expect.arrayContaining([...xids])));
  } finally {
    await listener.stop();
  }
}

describe('the figures of computed attributes', () => {
  it('are counted from stored events, however often they are told of', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    const events = [1, 2.5, 4].map((n) => eventOf(tenant, 'ada', n, Date.now()));
    await store(tenant, events);
    for (let time = 0; time < 3; time += 1) await handler.handle([worker.message(storedMessage(tenant, events))]);
    expect(await valueOf(tenant, 'ada')).toBe(7.5);
    expect(await figuresOf(tenant)).toMatchObject([{ summaries: expect.anything() as object }]);
    expect((await figuresOf(tenant)).some(({ dirty }) => dirty)).toBe(false);
  });

  it('are those of all events when many workers count the same day at once', async () => {
    const tenant = await tenantWith('xEvent.count()', { count: 7, unit: 'DAYS' });
    const now = Date.now();
    await Promise.all(Array.from({ length: 20 }, (_, n) => store(tenant, [eventOf(tenant, 'ada', n, now)])));
    expect(await valueOf(tenant, 'ada')).toBe(20);
    const left = (await figuresOf(tenant)).filter(({ dirty }) => dirty);
    expect(left).toEqual([]);
  });

  it('are counted anew once when some of their events have expired, not again and again', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    const [now, hour] = [Date.now(), 3_600_000];
    const [gone, kept] = [eventOf(tenant, 'ada', 1, now - 2 * hour), eventOf(tenant, 'ada', 2, now - 2 * hour)];
    const expired = { ...gone, expireAt: new Date(now - hour) };
    await store(tenant, [expired, { ...kept, expireAt: new Date(now + hour) }]);
    // As MongoDB itself does, in its own time.
    await new EventRemover(database).remove(tenant, [storedEventId(gone.datasetId, gone.eventId)], now + hour);
    await announced(tenant, () => overdue.once(), kept.xids);
    expect(await figuresOf(tenant)).toMatchObject([{ expires: now + hour }]);
    const computed = await figuresOf(tenant);
    await overdue.once();
    expect(await figuresOf(tenant)).toEqual(computed);
    expect(await valueOf(tenant, 'ada')).toBe(2);
  });

  it('are made without attributes by nobody', async () => {
    const tenant = worker.newTenant();
    const event = eventOf(tenant, 'ada', 1, Date.now());
    await writer.apply(tenant, [event]);
    await handler.handle([worker.message(storedMessage(tenant, [event]))]);
    expect(await figuresOf(tenant)).toEqual([]);
  });

  it('are counted anew, and vanish with the last event, once somebody has marked that events are gone', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    const [kept, gone] = [eventOf(tenant, 'ada', 1, Date.now()), eventOf(tenant, 'ada', 2, Date.now(), 'batch')];
    await store(tenant, [kept, gone]);
    const remover = new EventRemover(database);
    await remover.remove(tenant, [storedEventId(gone.datasetId, gone.eventId)], Date.now() + 1);
    await marks.markAll(tenant, { batchId: 'batch' });
    expect(await valueOf(tenant, 'ada')).toBe(1);
    await overdue.once();
    expect((await figuresOf(tenant)).map(({ dirty }) => dirty)).toEqual([undefined]);
    await remover.remove(tenant, [storedEventId(kept.datasetId, kept.eventId)], Date.now() + 1);
    await marks.markAll(tenant, { xids: kept.xids });
    expect(await valueOf(tenant, 'ada')).toBe(0);
    await overdue.once();
    expect(await figuresOf(tenant)).toEqual([]);
  });

  it('put aside a message that is none', async () => {
    const dead: string[] = [];
    const listener = await worker.listen('event.stored.v1.dead', (text) => dead.push(text));
    await handler.handle([worker.message('no JSON'), worker.message({ stored: [] })]);
    await eventually(() => expect(dead).toHaveLength(2));
    await listener.stop();
  });
});

describe('people whose values change', () => {
  it('are announced when their events are counted', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    await worker.graph.apply(tenant, [evidenceOf(tenant, ['email:ada', 'email:bob'], Date.now())]);
    const members = ['email:ada', 'email:bob'].map((text) => identityOf(tenant, text).xid);
    await announced(tenant, () => store(tenant, [eventOf(tenant, 'ada', 1, Date.now())]), members);
  });

  it('are announced by whoever is told of their events, also where somebody else has counted them and died', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    await worker.graph.apply(tenant, [evidenceOf(tenant, ['email:ada'], Date.now())]);
    const event = eventOf(tenant, 'ada', 1, Date.now());
    await store(tenant, [event]);
    const again = () => handler.handle([worker.message(storedMessage(tenant, [event]))]);
    await announced(tenant, again, event.xids);
  });

  it('are noted before what nobody was told of is counted', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    const event = eventOf(tenant, 'ada', 1, Date.now());
    await writer.apply(tenant, [event]);
    await marks.mark(tenant, [figuresMarkOf(event)]);
    // Never connected: it is cut off before it can say whose values changed.
    const dead = new FiguresUpdater({ ...parts, publisher: new ChangePublisher(new Producer(worker.messaging)) });
    await expect(new OverdueFigures(marks, dead, logger, 0).once()).rejects.toThrow();
    expect((await figuresOf(tenant)).map(({ dirty }) => dirty)).toEqual([undefined]);
    const noted = (await worker.announcements.overdue(-1_000)).filter((one) => one.tenant.sandbox === tenant.sandbox);
    expect(noted.flatMap(({ changes }) => changes.flatMap(({ members }) => members))).toEqual(event.xids);
  });

  it('are announced when time alone takes their events out of a window', async () => {
    const tenant = await tenantWith('xEvent.n.sum()', { count: 7, unit: 'DAYS' });
    await worker.graph.apply(tenant, [evidenceOf(tenant, ['email:ada'], Date.now())]);
    await windows.once();
    const leaving = eventOf(tenant, 'ada', 1, Date.now() - 7 * DAY + 1_000);
    await store(tenant, [leaving]);
    expect(await valueOf(tenant, 'ada')).toBe(1);
    await eventually(async () => expect(await valueOf(tenant, 'ada')).toBe(0));
    await announced(tenant, () => windows.once(), leaving.xids);
  });
});
