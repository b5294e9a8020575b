import { startDeletionWorker, STEP } from '../deletion-worker.fixture.js';

/** Real: MongoDB, Kafka, Redis, files. */
describe('the deletion of a batch', () => {
  let worker: Awaited<ReturnType<typeof startDeletionWorker>>;
  beforeAll(async () => {
    worker = await startDeletionWorker();
  }, 180_000);
  afterAll(() => worker?.close());

  it('lets what repeated its events be the events, and tells those who know of them', async () => {
    const tenant = worker.newTenant();
    const ids = Array.from({ length: 2 * STEP + 1 }, (_, n) => `p${n}`);
    await worker.people(tenant, ids, 'd');
    const first = await worker.batch(tenant, ids, 'v', 1);
    const second = await worker.batch(tenant, ids, 'v', 2);
    expect(await worker.seenEvents(tenant, ids)).toEqual({ [first]: ids.length });
    await worker.work(await worker.ask(tenant, { kind: 'batch', batchId: first, datasetId: 'v' }));
    expect(await worker.seenEvents(tenant, ids)).toEqual({ [second]: ids.length });
    const receipt = await worker.work(await worker.ask(tenant, { kind: 'batch', batchId: second, datasetId: 'v' }));
    expect(receipt?.removed.events).toBe(ids.length);
    expect(await worker.seenEvents(tenant, ids)).toEqual({});
  });
});
