import { startDeletionWorker, STEP } from './deletion-worker.fixture.js';

/** Real: MongoDB, Kafka, Redis, files. */
describe('a sandbox that is deleted', () => {
  let worker: Awaited<ReturnType<typeof startDeletionWorker>>;
  beforeAll(async () => {
    worker = await startDeletionWorker();
  }, 180_000);
  afterAll(() => worker?.close());

  it('leaves nothing at edges, and its receipt says how much there was', async () => {
    const ids = Array.from({ length: 2 * STEP }, (_, n) => `p${n}`);
    const [going, staying] = [worker.newTenant(), worker.newTenant()];
    for (const tenant of [going, staying]) await worker.people(tenant, ids, 'd');
    const receipt = await worker.work(await worker.deleteSandbox(going));
    expect(receipt?.removed).toMatchObject({ fragments: 2 * STEP, edges: 2 * STEP });
    expect(receipt?.verification.remaining).toMatchObject({ fragments: 0, edges: 0 });
    expect(await worker.kept(going, ids)).toMatchObject({ identities: 0, held: 0 });
    expect((await worker.edge.scan(going, '')).xids).toEqual([]);
    expect(await worker.kept(staying, ids)).toMatchObject({ identities: 2 * STEP, held: 2 * STEP });
  });
});
