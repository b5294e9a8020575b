import { recordHeaders, topics } from '@tessera/contracts';
import type { JobContext } from '@tessera/jobs';
import { BatchConsumer, type IncomingMessage } from '@tessera/messaging';
import { DeadLetterReplays, type Job } from '@tessera/stores';
import { handlerBench, PROFILE } from '../records/record-handler.fixture.js';
import type { RecordHandler } from '../records/record.handler.js';
import { ReplayDeadLettersHandler } from './replay-dead-letters.handler.js';

/** Real: MongoDB, and Kafka between what replays and what applies. */
describe('a job that replays dead letters', () => {
  const bench = handlerBench();
  const { tenant, database, messaging, producer, deadLetters, namespaces, dataset, message, counts } = bench;
  const replays = new DeadLetterReplays(database);
  const work = new ReplayDeadLettersHandler({ replays, producer, stepSize: 7, mostUnderWay: 10 });
  const replayed: IncomingMessage[] = [];
  let handler: RecordHandler;
  let consumer: BatchConsumer;
  /** A partition that the real topic does not have, so that the counts of both are kept apart. */
  const elsewhere = { partition: 5 };
  let jobs = 0;

  beforeAll(async () => {
    await bench.open();
    handler = bench.newHandler();
    consumer = new BatchConsumer(messaging, {
      topic: topics.record,
      group: 'replays',
      handle: (messages) => {
        replayed.push(...messages);
        return handler.handle(messages);
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 50,
      concurrency: 1,
      commitInterval: 100,
    });
    await consumer.start();
  }, 60_000);
  afterAll(async () => {
    await consumer.stop();
    await bench.close();
  }, 60_000);

  function newJob(properties: Job['properties'], metrics: Job['metrics'] = {}): Job {
    jobs += 1;
    const createdAt = Date.now() + 1;
    const asked = { requestedBy: 'test', requestId: 'r', createdAt, updatedAt: createdAt };
    const status = 'IN-PROGRESS';
    return { id: `job-${jobs}`, tenant, type: work.type, properties, status, progress: 0, metrics, ...asked };
  }

  function contextOf(seen: number[] = [], signal = new AbortController().signal): JobContext {
    return {
      signal,
      progress: ({ progress }) => Promise.resolve(void seen.push(progress)),
      count: () => Promise.reject(new Error('counts nothing')),
      addPart: () => Promise.reject(new Error('has no parts')),
    };
  }

  /** Dead letters whose namespace is not registered, so that registering it mends them all. */
  async function unreadable(datasetId: string, code: string, count: number): Promise<void> {
    const identityMap = (index: number) => ({ [code]: [{ id: String(index), primary: true }] });
    const messages = Array.from({ length: count }, (_, index) =>
      message(datasetId, { identityMap: identityMap(index) }, elsewhere),
    );
    await handler.handle(messages);
  }

  async function register(code: string): Promise<void> {
    await namespaces.create(tenant, { code, name: code, description: '', idType: 'CROSS_DEVICE' }, bench.now());
  }

  const left = async (datasetId: string) =>
    (await deadLetters.list(tenant, { datasetId }, { start: 0, limit: 100 })).children;

  it('applies every one it selects, step by step, and leaves the others', async () => {
    const [mended, other] = [await dataset(PROFILE), await dataset(PROFILE)];
    await unreadable(mended, 'Card', 40);
    await unreadable(other, 'Card', 3);
    await handler.handle([message(mended, { n: 2 ** 60 }, elsewhere)]);
    await register('Card');
    const seen: number[] = [];
    const turn = await work.run(newJob({ datasetId: mended, reason: 'no-usable-identity' }), contextOf(seen));
    expect(turn).toEqual({
      done: true,
      metrics: { selected: 40, replayed: 40, takenByOthers: 0, recordsProcessed: 40, applied: 40, rejectedAgain: 0 },
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect((await left(mended)).map(({ reason }) => reason)).toEqual(['unsafe-integer']);
    expect(await left(other)).toHaveLength(3);
    expect(await counts(mended)).toMatchObject({ applied: 40, deadLettered: 41, replayed: 40 });
  });

  it('tries each once, also those that are rejected again', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Unknown', 20);
    const turn = await work.run(newJob({ datasetId: id }), contextOf());
    expect(turn).toMatchObject({ done: true, metrics: { replayed: 20, rejectedAgain: 20 } });
    expect((await left(id)).map(({ attempts, replay }) => [attempts, replay])).toEqual(
      Array.from({ length: 20 }, () => [2, undefined]),
    );
    expect(await counts(id)).toMatchObject({ applied: 0, deadLettered: 40, replayed: 20 });
  });

  it('goes on where a worker died between beginning and publishing, with one effect for each', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Late', 20);
    await register('Late');
    const job = newJob({ datasetId: id });
    const triedBefore = new Date(job.createdAt);
    await replays.beginMany(tenant, { filter: { datasetId: id }, token: job.id, triedBefore, limit: 5 });
    const turn = await work.run({ ...job, metrics: { selected: 20, replayed: 0 } }, contextOf());
    expect(turn).toMatchObject({ metrics: { selected: 20, replayed: 20, applied: 20 } });
    expect(await left(id)).toEqual([]);
    expect(await counts(id)).toMatchObject({ applied: 20, deadLettered: 20, replayed: 20, duplicate: 0 });
    expect(await database.collection('fragments').countDocuments({ datasetId: id })).toBe(20);
  });

  it('leaves those alone that somebody is replaying already, and says how many', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Busy', 2);
    const [busy] = await left(id);
    await replays.begin(tenant, busy?._id ?? '', 'by hand');
    const turn = await work.run(newJob({ datasetId: id }), contextOf());
    expect(turn).toMatchObject({ done: true, metrics: { selected: 2, replayed: 1, takenByOthers: 1 } });
    const tried = replayed.filter((one) => one.header(recordHeaders.replay)?.startsWith(busy?._id ?? '?'));
    expect(tried).toEqual([]);
    expect((await left(id)).map(({ attempts }) => attempts).sort()).toEqual([1, 2]);
  });

  it('goes on with others where another job takes all of a step first', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Raced', 20);
    const triedBefore = new Date(Date.now() + 1);
    const steps = await Promise.all(
      ['one', 'two', 'three'].map((token) =>
        replays.beginMany(tenant, { filter: { datasetId: id }, token, triedBefore, limit: 5 }),
      ),
    );
    for (const step of steps) expect(step.length).toBeGreaterThan(0);
    const ids = steps.flat().map(({ _id }) => _id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shares them with another job of the same time, and the figures of each add up', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Shared', 60);
    await register('Shared');
    const turns = await Promise.all([1, 2].map(() => work.run(newJob({ datasetId: id }), contextOf())));
    const figures = turns.map((turn) => ('done' in turn ? (turn.metrics ?? {}) : {}));
    for (const { selected = 0, replayed = 0, takenByOthers = -1, applied = 0 } of figures) {
      expect(selected).toBe(replayed + takenByOthers);
      expect(applied).toBe(replayed);
    }
    expect(figures.reduce((sum, { replayed = 0 }) => sum + replayed, 0)).toBe(60);
    expect(await left(id)).toEqual([]);
    expect(await counts(id)).toMatchObject({ applied: 60, deadLettered: 60, replayed: 60 });
  });

  it('stops when it is called off', async () => {
    const id = await dataset(PROFILE);
    await unreadable(id, 'Off', 2);
    const reason = new Error('called off');
    await expect(work.run(newJob({ datasetId: id }), contextOf([], AbortSignal.abort(reason)))).rejects.toBe(reason);
  });
});
