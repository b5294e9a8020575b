import type { JobContext } from '@tessera/jobs';
import {
  DatasetStore,
  EventExpiryWriter,
  type DatasetExpiry,
  type EventDocument,
  type Job,
  FiguresMarks,
} from '@tessera/stores';
import { EVENT, handlerBench } from '../records/record-handler.fixture.js';
import { BackfillTtlHandler } from './backfill-ttl.handler.js';

const DAY = 86_400_000;

function missing(): never {
  throw new Error('there is no such dataset');
}

/** Real: MongoDB. */
describe('a job that follows a changed expiry', () => {
  const bench = handlerBench();
  const { tenant, database, dataset, message, person } = bench;
  const datasets = new DatasetStore(database);
  const events = new EventExpiryWriter(database);
  const work = new BackfillTtlHandler({ datasets, events, marks: new FiguresMarks(database), stepSize: 7, delay: 0 });

  beforeAll(() => bench.open(), 60_000);
  afterAll(() => bench.close(), 60_000);

  const job = (datasetId: string, createdAt = 0): Job => ({
    id: 'j',
    tenant,
    type: 'BACKFILL_TTL',
    properties: { datasetId },
    status: 'IN-PROGRESS',
    progress: 0,
    metrics: {},
    requestedBy: 'test',
    requestId: 'r',
    createdAt,
    updatedAt: createdAt,
  });
  const contextOf = (progress: JobContext['progress'] = () => Promise.resolve()): JobContext => ({
    signal: new AbortController().signal,
    progress,
    count: () => Promise.reject(new Error('counts nothing')),
    addPart: () => Promise.reject(new Error('has no parts')),
  });

  async function setExpiry(id: string, days: number | undefined): Promise<void> {
    const { expiry: _, ...current } = (await datasets.find(tenant, id)) ?? missing();
    const expiry: DatasetExpiry = { ttl: `P${days ?? 1}D`, milliseconds: (days ?? 1) * DAY, updated: 1 };
    const version = `${current.version}1`;
    const next = { ...current, version, ...(days !== undefined && { expiry }) };
    expect(await datasets.replace(next, current.version)).toBe('replaced');
  }

  async function keep(datasetId: string, ages: readonly number[]): Promise<void> {
    const now = Date.now();
    const messages = ages.map((days, index) => {
      const timestamp = new Date(now - days * DAY).toISOString();
      return message(datasetId, person('ada', { _id: `e${index}`, timestamp }));
    });
    await bench.newHandler().handle(messages);
  }

  /** Days from each event's time until it leaves the disk, by event id. */
  async function kept(datasetId: string): Promise<Record<string, number | undefined>> {
    const found = await database.collection<EventDocument>('events').find({ datasetId }).sort({ _id: 1 }).toArray();
    return Object.fromEntries(
      found.map(({ eventId, time, expireAt }) => [eventId, expireAt && (expireAt.getTime() - time) / DAY]),
    );
  }
  const all = (count: number, days: number | undefined) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`e${index}`, days]));

  it('writes on new events when they leave, and on the ones before step by step', async () => {
    const id = await dataset(EVENT);
    const neighbour = await dataset(EVENT);
    await keep(
      id,
      Array.from({ length: 30 }, () => 1),
    );
    await keep(neighbour, [1]);
    expect(await kept(id)).toEqual(all(30, undefined));
    await setExpiry(id, 5);
    const progress: number[] = [];
    const turn = await work.run(
      job(id),
      contextOf((step) => Promise.resolve(void progress.push(step.progress))),
    );
    expect(turn).toEqual({ done: true, metrics: { recordsProcessed: 30, changed: 30 } });
    expect(progress.length).toBeGreaterThan(3);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(await kept(id)).toEqual(all(30, 5));
    expect(await kept(neighbour)).toEqual(all(1, undefined));
    const fresh = await dataset(EVENT);
    await setExpiry(fresh, 3);
    await keep(fresh, [1]);
    expect(await kept(fresh)).toEqual(all(1, 3));
  });

  it('may be repeated and interrupted, and changes only what is not right yet', async () => {
    const id = await dataset(EVENT);
    await keep(
      id,
      Array.from({ length: 20 }, () => 1),
    );
    await setExpiry(id, 9);
    const interrupted = work.run(
      job(id),
      contextOf(() => Promise.reject(new Error('stops here'))),
    );
    await expect(interrupted).rejects.toThrow('stops here');
    expect(await work.run(job(id), contextOf())).toMatchObject({ metrics: { recordsProcessed: 20, changed: 13 } });
    expect(await work.run(job(id), contextOf())).toMatchObject({ metrics: { changed: 0 } });
    expect(await kept(id)).toEqual(all(20, 9));
  });

  it('lets events be kept for ever again, but none that has expired', async () => {
    const id = await dataset(EVENT);
    await setExpiry(id, 5);
    await keep(id, [1, 9]);
    await setExpiry(id, undefined);
    await work.run(job(id), contextOf());
    const after = await kept(id);
    expect(after['e0']).toBeUndefined();
    expect([5, undefined]).toContain(after['e1']);
    const stored = await database.collection<EventDocument>('events').findOne({ _id: `${id}.e1` });
    if (stored) expect(stored.expireAt?.getTime()).toBeLessThan(Date.now());
  });

  it('goes by the rule as it is at each step, whichever change asked for it', async () => {
    const id = await dataset(EVENT);
    await keep(
      id,
      Array.from({ length: 20 }, () => 1),
    );
    await setExpiry(id, 4);
    let steps = 0;
    await work.run(
      job(id),
      contextOf(async () => {
        steps += 1;
        if (steps === 1) await setExpiry(id, 8);
      }),
    );
    expect(new Set(Object.values(await kept(id)))).toEqual(new Set([4, 8]));
    await work.run(job(id), contextOf());
    expect(await kept(id)).toEqual(all(20, 8));
  });

  it('waits until no worker goes by the rule before, and ends where the dataset is gone', async () => {
    const id = await dataset(EVENT);
    const patient = new BackfillTtlHandler({ datasets, events, marks: new FiguresMarks(database), delay: 60_000 });
    const turn = await patient.run(job(id, Date.now()), contextOf());
    expect('again' in turn && turn.again).toBeGreaterThan(50_000);
    expect(await work.run(job('0'.repeat(24)), contextOf())).toMatchObject({ done: true });
  });
});
