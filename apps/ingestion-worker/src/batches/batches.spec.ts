import { eventually } from '@tessera/testing';
import { xidOf } from '@tessera/domain';
import { badRows, BatchWorkStore, type FragmentDocument } from '@tessera/stores';
import { batchBench, event, EVENT, PROFILE } from './batch-bench.fixture.js';

/** Real here: MongoDB, Kafka, Redis, and a folder of files. */
const bench = batchBench();
const { tenant, events } = bench;

beforeAll(() => bench.open(), 60_000);
afterEach(() => bench.stopWorkers(), 30_000);
afterAll(() => bench.close(), 60_000);

const lines = (from: number, to: number, more: object = {}) =>
  Array.from({ length: to - from }, (_, index) => event(from + index, more)).join('\n');

it('applies every row of every file, each once, and says how many', async () => {
  const datasetId = await bench.dataset();
  const batch = await bench.loadedBatch(datasetId, [lines(0, 1_200), lines(1_200, 1_500), '']);
  bench.startWorker();
  const job = await bench.submit('INGEST_BATCH', batch);
  const done = await bench.reached(batch, 'success');
  expect(done.metrics).toMatchObject({ inputRecordCount: 1_500, outputRecordCount: 1_500, failedRecordCount: 0 });
  expect(done.errors).toEqual([]);
  expect(await events.countDocuments({ batchId: batch.id, datasetId })).toBe(1_500);
  expect(await bench.counts(datasetId)).toMatchObject({ applied: 1_500, duplicate: 0, deadLettered: 0 });
  expect(await bench.jobEnded(job)).toMatchObject({ progress: 100 });
  const first = await events.findOne({ datasetId, eventId: 'e0' });
  expect(first?.acceptedAt).toBe(batch.completedAt);
}, 60_000);

it('lets a batch with more bad rows than it tolerates fail without applying any of it, and keeps the bad rows', async () => {
  const datasetId = await bench.dataset();
  const bad = [event(1, { timestamp: 'yesterday' }), '{"not": json', event(2, { identityMap: {} })];
  const batch = await bench.loadedBatch(datasetId, [`${lines(0, 50)}\n${bad.join('\n')}`], {
    partialIngestionPercent: 5,
  });
  bench.startWorker();
  await bench.jobEnded(await bench.submit('INGEST_BATCH', batch));
  const done = await bench.reached(batch, 'failed');
  expect(done.metrics).toMatchObject({ inputRecordCount: 53, outputRecordCount: 0, failedRecordCount: 3 });
  expect(done.errors).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ code: 'invalid-timestamp', recordCount: 1 }),
      expect.objectContaining({ code: 'malformed-message', recordCount: 1 }),
      expect.objectContaining({ code: 'too-many-bad-rows', recordCount: 3 }),
    ]),
  );
  expect(await events.countDocuments({ datasetId })).toBe(0);
  expect(await bench.counts(datasetId)).toBeUndefined();
  const rows = await bench.rowErrors(batch);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject({ _id: 'e1', _row: 50, _errors: [{ code: 'invalid-timestamp', path: '/timestamp' }] });
  expect(rows[1]).toMatchObject({ _text: '{"not": json', _errors: [{ code: 'malformed-message' }] });
}, 60_000);

it('takes the good rows where the bad ones are tolerated, and counts both', async () => {
  const datasetId = await bench.dataset();
  const text = `${lines(0, 97)}\n${event(98, { timestamp: 'never' })}\nnothing\n${event(99)}\n${event(99, { other: 1 })}`;
  const batch = await bench.loadedBatch(datasetId, [text], { partialIngestionPercent: 2 });
  bench.startWorker();
  await bench.submit('INGEST_BATCH', batch);
  const done = await bench.reached(batch, 'success');
  expect(done.metrics).toMatchObject({ inputRecordCount: 101, outputRecordCount: 99, failedRecordCount: 2 });
  expect(await bench.counts(datasetId)).toMatchObject({
    applied: 98,
    duplicate: 1,
    deadLettered: 2,
    deadLetteredByReason: { 'invalid-timestamp': 1, 'malformed-message': 1 },
  });
}, 60_000);

it('reads a JSON array, and refuses a file that breaks off', async () => {
  const datasetId = await bench.dataset();
  const inputFormat = { format: 'json', isMultiLineJson: true } as const;
  const whole = await bench.loadedBatch(datasetId, [`[${event(1)},\n${event(2)}]`], { inputFormat });
  const broken = await bench.loadedBatch(datasetId, [`[${event(3)},${event(4)},{"a":`], {
    inputFormat,
    partialIngestionPercent: 100,
  });
  bench.startWorker();
  await Promise.all([whole, broken].map((batch) => bench.submit('INGEST_BATCH', batch)));
  await bench.reached(whole, 'success');
  const failed = await bench.reached(broken, 'failed');
  expect(failed.errors).toEqual([expect.objectContaining({ code: 'malformed-file' })]);
  expect(await events.countDocuments({ datasetId })).toBe(2);
}, 60_000);

it('tells of a file of JSON lines that is one JSON array which option the batch lacks', async () => {
  const datasetId = await bench.dataset();
  const text = `[\n${event(1)},\n${event(2)}\n]\n`;
  const batch = await bench.loadedBatch(datasetId, [text], { partialIngestionPercent: 100 });
  bench.startWorker();
  await bench.submit('INGEST_BATCH', batch);
  const failed = await bench.reached(batch, 'failed');
  expect(failed.errors).toEqual([
    {
      code: 'malformed-file',
      description: expect.stringMatching(/looks like one JSON array.*inputFormat\.isMultiLineJson: true/) as string,
      recordCount: 0,
    },
  ]);
  expect(await events.countDocuments({ datasetId })).toBe(0);
}, 60_000);

it('ends every batch rightly although workers stop again and again and Redis forgets everything', async () => {
  const datasetId = await bench.dataset();
  const batch = await bench.loadedBatch(datasetId, [lines(0, 6_000), lines(6_000, 12_000)]);
  await bench.submit('INGEST_BATCH', batch);
  const works = new BatchWorkStore(bench.database);
  const rows = async () =>
    (await works.list(tenant, batch.id)).reduce((sum, { checked, applied }) => sum + checked.next + applied.next, 0);
  for (let stops = 1; stops <= 5; stops += 1) {
    const worker = bench.startWorker();
    await eventually(async () => expect(await rows()).toBeGreaterThan(stops * 3_000), { timeout: 30_000 });
    await worker.stop();
    if (stops % 2 === 0) await bench.loseRedis();
  }
  bench.startWorker();
  const done = await bench.reached(batch, 'success');
  expect(done.metrics).toMatchObject({ inputRecordCount: 12_000, outputRecordCount: 12_000 });
  expect(await events.countDocuments({ datasetId })).toBe(12_000);
  expect(await bench.counts(datasetId)).toMatchObject({ applied: 12_000, stored: 12_000, duplicate: 0 });
}, 120_000);

it('leaves nothing of a batch that is given up while it is applied', async () => {
  const datasetId = await bench.dataset();
  const batch = await bench.loadedBatch(datasetId, [lines(0, 20_000)]);
  bench.startWorker();
  const job = await bench.submit('INGEST_BATCH', batch);
  await eventually(async () => expect(await events.countDocuments({ datasetId })).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 5,
  });
  await bench.batches.transition(tenant, batch.id, ['staged'], 'aborted');
  await bench.jobEnded(job);
  await eventually(async () => expect(await events.countDocuments({ datasetId })).toBe(0));
  expect(bench.withdrawals.filter(({ batchId }) => batchId === batch.id)).not.toEqual([]);
}, 60_000);

it('takes a batch back: its records, its events, and what it said about identities', async () => {
  const [records, happenings] = [await bench.dataset(PROFILE), await bench.dataset(EVENT)];
  const batches = [
    await bench.loadedBatch(records, [lines(0, 300)], { behavior: 'record' }),
    await bench.loadedBatch(happenings, [lines(0, 300)]),
  ];
  const other = await bench.loadedBatch(happenings, [lines(300, 310)]);
  bench.startWorker();
  await Promise.all([...batches, other].map((batch) => bench.submit('INGEST_BATCH', batch)));
  for (const batch of [...batches, other]) await bench.reached(batch, 'success');
  const fragments = bench.database.collection<FragmentDocument>('fragments');
  expect(await fragments.countDocuments({ datasetId: records })).toBe(300);
  for (const batch of batches) {
    expect(await bench.jobEnded(await bench.submit('REVERT_BATCH', batch))).toMatchObject({
      metrics: { rowsRemoved: 300 },
    });
    await bench.reached(batch, 'inactive');
    await eventually(() =>
      expect(bench.withdrawals).toContainEqual(
        expect.objectContaining({ ...tenant, datasetId: batch.datasetId, batchId: batch.id }),
      ),
    );
  }
  expect(await fragments.countDocuments({ datasetId: records })).toBe(0);
  expect(await events.countDocuments({ datasetId: happenings })).toBe(10);
  const people = Array.from({ length: 300 }, (_, id) => xidOf(tenant, 'email', `p${id}@example.com`));
  await eventually(() => expect(people.filter((xid) => !bench.changed.has(xid))).toEqual([]));
}, 60_000);

it('lets what repeated events of a batch be the events once the batch is taken back', async () => {
  const datasetId = await bench.dataset();
  const [first, second] = [
    await bench.loadedBatch(datasetId, [lines(91_000, 91_005, { is: 'first' })]),
    await bench.loadedBatch(datasetId, [lines(91_000, 91_010, { is: 'second' })]),
  ];
  bench.startWorker();
  for (const batch of [first, second]) {
    await bench.submit('INGEST_BATCH', batch);
    await bench.reached(batch, 'success');
  }
  expect(await bench.visibleEvents([91_004, 91_005])).toEqual(['e91004 "first"', 'e91005 "second"']);
  bench.changed.clear();
  await bench.jobEnded(await bench.submit('REVERT_BATCH', first));
  expect(await bench.visibleEvents([91_004, 91_005])).toEqual(['e91004 "second"', 'e91005 "second"']);
  await eventually(() => expect(bench.changed).toContain(xidOf(tenant, 'email', 'p91004@example.com')));
  await bench.jobEnded(await bench.submit('REVERT_BATCH', second));
  expect(await events.countDocuments({ datasetId })).toBe(0);
}, 60_000);

it('lets a batch whose files are gone fail with a reason', async () => {
  const datasetId = await bench.dataset();
  const batch = await bench.loadedBatch(datasetId, [lines(0, 10)]);
  await bench.database.collection('batch_files').updateOne({ batchId: batch.id }, { $set: { 'parts.0.key': 'gone' } });
  bench.startWorker();
  await bench.jobEnded(await bench.submit('INGEST_BATCH', batch), 'FAILED');
  const failed = await bench.reached(batch, 'failed');
  expect(failed.errors[0]?.description).toContain('gone');
  expect(badRows({ next: 0, good: 0, bad: { a: 2, b: 3 }, kept: 0, done: true })).toBe(5);
}, 120_000);

it('lets the job fail with its batch, also when its own turn comes before the failed part has noted it', async () => {
  const errors = [{ code: 'processing-failed', description: 'the disk is on fire', recordCount: 0 }];
  const batch = await bench.loadedBatch(await bench.dataset(), [], { status: 'failed', errors });
  bench.startWorker();
  const job = await bench.jobEnded(await bench.submit('INGEST_BATCH', batch), 'FAILED');
  expect(job.error).toBe('the disk is on fire');
}, 60_000);
