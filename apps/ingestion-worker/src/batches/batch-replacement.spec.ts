import { batchBench, event } from './batch-bench.fixture.js';

/** Batches that replace others (`replay`). Real here: MongoDB, Kafka, Redis, and a folder of files. */
const bench = batchBench();
const { tenant, events } = bench;

beforeAll(() => bench.open(), 60_000);
afterEach(() => bench.stopWorkers(), 30_000);
afterAll(() => bench.close(), 60_000);

it('puts the event of a batch that replaces others before one that was accepted later, and back once it is taken back', async () => {
  const datasetId = await bench.dataset();
  const replay = { predecessors: [], reason: 'replace' } as const;
  const before = await bench.loadedBatch(datasetId, [event(92_000, { is: 'before' })], { replay });
  const after = await bench.loadedBatch(datasetId, [event(92_000, { is: 'after' })], { completedAt: Date.now() + 1 });
  bench.startWorker();
  for (const batch of [after, before]) {
    await bench.jobEnded(await bench.submit('INGEST_BATCH', batch));
    await bench.reached(batch, 'success');
  }
  expect(await bench.visibleEvents([92_000])).toEqual(['e92000 "before"']);
  await bench.jobEnded(await bench.submit('REVERT_BATCH', before));
  expect(await bench.visibleEvents([92_000])).toEqual(['e92000 "after"']);
}, 60_000);

it('shows a batch that replaces others in one step, also where its events have the ids of those it replaces', async () => {
  const datasetId = await bench.dataset();
  const old = await bench.loadedBatch(datasetId, [`${event(90_001, { is: 'old' })}\n${event(90_002, { is: 'old' })}`]);
  const stays = await bench.loadedBatch(datasetId, [event(90_009, { is: 'other' })]);
  bench.startWorker();
  for (const batch of [old, stays]) await bench.submit('INGEST_BATCH', batch);
  for (const batch of [old, stays]) await bench.reached(batch, 'success');
  const replay = { predecessors: [old.id], reason: 'replace' } as const;
  const lines = [90_001, 90_003].map((id) => event(id, { is: 'new' })).join('\n');
  const next = await bench.loadedBatch(datasetId, [lines, event(90_009, { is: 'new' })], { replay });
  const seen = new Set<string>();
  const look = async () => seen.add(JSON.stringify(await bench.visibleEvents([90_001, 90_002, 90_003])));
  await look();
  const job = await bench.submit('INGEST_BATCH', next);
  while ((await bench.batches.find(tenant, old.id))?.status !== 'inactive') await look();
  await bench.jobEnded(job);
  await look();
  expect([...seen]).toEqual([
    JSON.stringify(['e90001 "old"', 'e90002 "old"']),
    JSON.stringify(['e90001 "new"', 'e90003 "new"']),
  ]);
  expect(await bench.visibleEvents([90_009])).toEqual(['e90009 "other"']);
  expect(await events.countDocuments({ datasetId, heldBy: { $exists: false } })).toBe(3);
  expect(await events.countDocuments({ datasetId, staged: true })).toBe(0);
  await bench.jobEnded(await bench.submit('REVERT_BATCH', stays));
  expect(await bench.visibleEvents([90_009])).toEqual(['e90009 "new"']);
  const repeat = await bench.loadedBatch(datasetId, [event(90_001, { is: 'late' })]);
  await bench.submit('INGEST_BATCH', repeat);
  await bench.reached(repeat, 'success');
  expect(await bench.visibleEvents([90_001])).toEqual(['e90001 "new"']);
}, 60_000);

/** A successful batch of one event, in a dataset of its own, and what another batch says to replace it. */
async function replaceableBatch(number: number) {
  const datasetId = await bench.dataset();
  const old = await bench.loadedBatch(datasetId, [event(number, { is: 'old' })]);
  bench.startWorker();
  await bench.jobEnded(await bench.submit('INGEST_BATCH', old));
  return { datasetId, old, replay: { predecessors: [old.id], reason: 'replace' } as const };
}

it('lets one of two batches replace a third, and the other one fail with a reason and without a trace', async () => {
  const { datasetId, replay } = await replaceableBatch(93_001);
  const rivals = [
    await bench.loadedBatch(datasetId, [event(93_002, { is: 'one' })], { replay }),
    await bench.loadedBatch(datasetId, [event(93_003, { is: 'other' })], { replay }),
  ];
  for (const job of await Promise.all(rivals.map((batch) => bench.submit('INGEST_BATCH', batch)))) {
    await bench.jobEnded(job);
  }
  const ended = await bench.batches.findMany(
    tenant,
    rivals.map(({ id }) => id),
  );
  expect(ended.map(({ status }) => status).sort()).toEqual(['failed', 'success']);
  const failed = ended.find(({ status }) => status === 'failed');
  expect(failed?.errors).toMatchObject([{ code: 'predecessor-replaced' }]);
  expect(await bench.visibleEvents([93_001, 93_002, 93_003])).toHaveLength(1);
  expect(await events.countDocuments({ datasetId, batchId: failed?.id ?? '' })).toBe(0);
}, 60_000);

it('lets another batch replace what one was to replace that was given up', async () => {
  const { datasetId, old, replay } = await replaceableBatch(94_001);
  const aborted = await bench.loadedBatch(datasetId, [], { replay, status: 'aborted', startedAt: Date.now() });
  expect(await bench.batches.claimPredecessors(aborted)).toBeUndefined();
  const next = await bench.loadedBatch(datasetId, [event(94_002, { is: 'new' })], { replay });
  expect(await bench.batches.claimPredecessors(next)).toBe(old.id);
  for (const batch of [aborted, next]) await bench.jobEnded(await bench.submit('INGEST_BATCH', batch));
  await bench.reached(next, 'success');
  expect(await bench.visibleEvents([94_001, 94_002])).toEqual(['e94002 "new"']);
}, 60_000);
