import { startDeletionWorker, STEP } from '../deletion-worker.fixture.js';

/** Real: MongoDB, Kafka, Redis, files. */
describe('copies at edges', () => {
  let worker: Awaited<ReturnType<typeof startDeletionWorker>>;
  beforeAll(async () => {
    worker = await startDeletionWorker();
  }, 180_000);
  afterAll(() => worker?.close());

  const ids = Array.from({ length: STEP }, (_, n) => `p${n}`);
  const dataset = { kind: 'dataset', datasetId: 'd', isRemoved: false } as const;

  it('go with the data they are of, also where the sandbox has no projection any more', async () => {
    for (const isProjected of [true, false]) {
      const tenant = worker.newTenant();
      await worker.people(tenant, ids, 'd');
      if (!isProjected) await worker.endProjection(tenant);
      const receipt = await worker.work(await worker.ask(tenant, dataset));
      expect(receipt?.removed).toMatchObject({ identities: STEP, edges: STEP });
      expect(receipt?.verification.remaining.edges).toBe(0);
      expect(await worker.kept(tenant, ids)).toMatchObject({ identities: 0, held: 0 });
    }
  });

  it('that come back while a deletion of a dataset looks for what is left make it fail', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    const [xid = ''] = worker.xidsOf(tenant, ids);
    const copy = { projectionId: 'p', generation: 'g', ttl: 600, body: '{}', steadyUntil: Infinity };
    const bringBack = async (progress: number): Promise<void> => {
      const now = Date.now();
      if (progress >= 95) await worker.edge.fill(tenant, { version: 9e15, time: now }, xid, copy);
    };
    const working = worker.work(await worker.ask(tenant, dataset), (_records, progress) => bringBack(progress));
    await expect(working).rejects.toThrow('edges 1');
  });
});
