import { JobCancelledError } from '@tessera/jobs';
import type { Job } from '@tessera/stores';
import { startDeletionWorker, STEP } from '../deletion-worker.fixture.js';

const MINUTE = 60_000;
const NOTHING = { fragments: 0, identities: 0, touched: 0, held: 0 };

/** Real: MongoDB, Kafka, Redis, files. */
describe('a deletion that was given up', () => {
  let worker: Awaited<ReturnType<typeof startDeletionWorker>>;
  beforeAll(async () => {
    worker = await startDeletionWorker();
  }, 180_000);
  afterAll(() => worker?.close());

  const ids = Array.from({ length: 5 * STEP }, (_, n) => `p${n}`);
  const deletionOf = (datasetId: string) => ({ kind: 'dataset', datasetId, isRemoved: false }) as const;
  /** Takes a deletion back once some of its records are gone. */
  const halfDone = async (job: Job): Promise<void> => {
    let isTakenBack = false;
    const working = worker.work(job, async (records) => {
      if (records >= 2 * STEP && !isTakenBack) await worker.takeBack(job);
      isTakenBack ||= records >= 2 * STEP;
    });
    await expect(working).rejects.toThrow(JobCancelledError);
  };

  it('is made up for by the next one of the same data, whose receipt says so', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    await halfDone(await worker.ask(tenant, deletionOf('d')));
    expect(await worker.kept(tenant, ids)).toMatchObject({ fragments: 3 * STEP, identities: 5 * STEP, held: 5 * STEP });
    const receipt = await worker.work(await worker.ask(tenant, deletionOf('d')));
    expect(receipt?.removed).toMatchObject({ fragments: 3 * STEP, identities: 5 * STEP, edges: 5 * STEP });
    expect(receipt?.verification.remaining).toMatchObject({ identities: 0, edges: 0 });
    expect(await worker.kept(tenant, ids)).toEqual(NOTHING);
  });

  it('is made up for before long where nobody asks again, and what it had not reached stays', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    await halfDone(await worker.ask(tenant, deletionOf('d')));
    await worker.sweep(Date.now() + MINUTE);
    const left = { fragments: 3 * STEP, identities: 3 * STEP, touched: 0, held: 3 * STEP };
    expect(await worker.kept(tenant, ids)).toEqual(left);
    expect(await worker.abandoned.before(Infinity, '', 9)).toEqual([]);
  });

  it('of a batch lets be seen what it had not reached, until it is asked for again', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    const batchId = await worker.batch(tenant, ids, 'v');
    const subject = { kind: 'batch', batchId, datasetId: 'v' } as const;
    await halfDone(await worker.ask(tenant, subject));
    await worker.sweep(Date.now() + MINUTE);
    const left = { status: 'success', isHidden: false, events: 3 * STEP };
    expect(await worker.batchState(tenant, batchId)).toEqual(left);
    expect(await worker.kept(tenant, ids)).toMatchObject({ identities: 5 * STEP, touched: 0 });
    const receipt = await worker.work(await worker.ask(tenant, subject));
    expect(receipt?.removed.events).toBe(3 * STEP);
    const gone = { status: 'inactive', isHidden: false, events: 0 };
    expect(await worker.batchState(tenant, batchId)).toEqual(gone);
    await worker.sweep(Date.now() + MINUTE);
    expect(await worker.batchState(tenant, batchId)).toEqual(gone);
  });

  it('is left alone for as long as its worker may still be removing what it has noted', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    await halfDone(await worker.ask(tenant, deletionOf('d')));
    await worker.sweep(Date.now());
    expect(await worker.kept(tenant, ids)).toMatchObject({ identities: 5 * STEP, touched: 2 * STEP });
    await worker.sweep(Date.now() + MINUTE);
    expect(await worker.kept(tenant, ids)).toMatchObject({ identities: 3 * STEP, touched: 0 });
  });

  it('is left alone where it goes on all the same', async () => {
    const tenant = worker.newTenant();
    await worker.people(tenant, ids, 'd');
    const job = await worker.ask(tenant, deletionOf('d'));
    // A gateway died before it removed the job.
    await worker.abandoned.note({ id: job.id, tenant, at: 0, subject: deletionOf('d') }, 0);
    let looked = 0;
    await worker.work(job, async (records) => {
      if (records < 2 * STEP || (looked += 1) > 1) return;
      await worker.sweep(Date.now());
      expect(await worker.kept(tenant, ids)).toMatchObject({ identities: 5 * STEP });
    });
    expect(await worker.kept(tenant, ids)).toEqual(NOTHING);
    await worker.sweep(Date.now());
    expect(await worker.abandoned.before(Infinity, '', 9)).toEqual([]);
  });
});
