import type { Tenant } from '@tessera/contracts';
import { createLogger } from '@tessera/observability';
import { exportObjects } from '@tessera/object-storage';
import { exportJobId, type JobReader } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { ExportCleaner, type ExportCleanerParts } from './export-cleaner.js';
import { exportBench } from './export-bench.fixture.js';

const bench = exportBench();
const MINUTE = 60_000;
let numbers = 1_000_000;

beforeAll(bench.open);
afterAll(bench.close);

/** An export that a worker has begun and written some files of. */
async function begun(tenant: Tenant, files = 2): Promise<string> {
  const jobId = exportJobId(tenant.organisation, (numbers += 1));
  const asked = { type: 'EXPORT', properties: {}, requestedBy: 'me', requestId: 'r', createdAt: Date.now() } as const;
  await bench.jobs.create(tenant, { id: jobId, ...asked });
  await bench.jobs.start(tenant, jobId);
  await bench.exports.begin(tenant, {
    ...{ jobId, ranges: 1, profileUnion: {}, eventUnion: {}, fences: [], startedAt: Date.now() },
    visibility: { now: Date.now(), keptFor: new Map(), hidden: [] },
  });
  await write(tenant, jobId, files);
  return jobId;
}

async function write(tenant: Tenant, jobId: string, files: number): Promise<void> {
  for (let index = 0; index < files; index += 1) {
    const key = exportObjects(tenant, jobId).file(`1-0-0-part-0000-00${index}.json`);
    await bench.storage().put(key, [Buffer.from('{}\n')] as never);
  }
  const part = { jobId, round: 1, output: 0, range: 0, files: [], profiles: 1, namespaces: new Map<string, number>() };
  await bench.exports.partDone(tenant, part);
}

async function filesOf(tenant: Tenant, jobId: string): Promise<number> {
  return (await bench.storage().list(exportObjects(tenant, jobId).all)).length;
}

async function isUnsettled(jobId: string): Promise<boolean> {
  return (await bench.exports.unsettled('', 10_000)).some((one) => one.jobId === jobId);
}

function cleaner(more: Partial<Pick<ExportCleanerParts, 'jobs' | 'interval' | 'page'>> = {}): ExportCleaner {
  const { exports, jobs } = bench;
  return new ExportCleaner({
    exports,
    jobs,
    storage: bench.storage(),
    logger: createLogger('test', 'silent'),
    ...more,
  });
}

/** Jobs as they will look a while after they ended. */
function later(milliseconds: number): Pick<JobReader, 'find'> {
  return {
    find: async (tenant, id) => {
      const job = await bench.jobs.find(tenant, id);
      return job && { ...job, updatedAt: job.updatedAt - milliseconds };
    },
  };
}

describe('the cleaner of exports', () => {
  it('removes the files of those called off and failed, and leaves those of others alone', async () => {
    const [tenant, other] = [bench.newTenant(), bench.newTenant()];
    const cancelled = await begun(tenant);
    const failed = await begun(tenant);
    const running = await begun(tenant);
    const elsewhere = await begun(other);
    await bench.jobs.cancel(tenant, cancelled);
    await bench.jobs.finish(tenant, failed, { status: 'FAILED', error: 'no room' });
    await cleaner().sweep();
    expect(await Promise.all([cancelled, failed, running].map((id) => filesOf(tenant, id)))).toEqual([0, 0, 2]);
    expect(await filesOf(other, elsewhere)).toBe(2);
  });

  it('comes back for what a worker that lost contact writes afterwards, until none can be left', async () => {
    const tenant = bench.newTenant();
    const jobId = await begun(tenant);
    await bench.jobs.cancel(tenant, jobId);
    await cleaner().sweep();
    expect(await isUnsettled(jobId)).toBe(true);
    await write(tenant, jobId, 1);
    await cleaner({ jobs: later(9 * MINUTE) }).sweep();
    expect([await filesOf(tenant, jobId), await isUnsettled(jobId)]).toEqual([0, true]);
    await write(tenant, jobId, 1);
    await cleaner({ jobs: later(11 * MINUTE) }).sweep();
    expect([await filesOf(tenant, jobId), await isUnsettled(jobId)]).toEqual([0, false]);
    expect(await bench.exports.partsDone(tenant, { jobId, round: 1 })).toEqual([]);
  });

  it('removes at once, and for good, what is left of an export whose record is gone', async () => {
    const tenant = bench.newTenant();
    const jobId = await begun(tenant);
    await bench.jobs.remove(tenant, jobId, ['EXPORT']);
    await cleaner().sweep();
    expect([await filesOf(tenant, jobId), await isUnsettled(jobId)]).toEqual([0, false]);
  });

  it('sweeps again and again, also after the store failed, until it is closed', async () => {
    const tenant = bench.newTenant();
    const jobId = await begun(tenant);
    await bench.jobs.cancel(tenant, jobId);
    let failures = 2;
    const failing: Pick<JobReader, 'find'> = {
      find: (of, id) => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error('down')) : bench.jobs.find(of, id);
      },
    };
    const sweeping = cleaner({ jobs: failing, interval: 20 });
    sweeping.start();
    await eventually(async () => expect(await filesOf(tenant, jobId)).toBe(0));
    await sweeping.close();
    await write(tenant, jobId, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await filesOf(tenant, jobId)).toBe(1);
  });

  it('looks through more exports than one page of them has', async () => {
    const tenant = bench.newTenant();
    const ids = await Promise.all(Array.from({ length: 7 }, () => begun(tenant)));
    await Promise.all(ids.map((id) => bench.jobs.cancel(tenant, id)));
    await cleaner({ page: 3 }).sweep();
    expect(await Promise.all(ids.map((id) => filesOf(tenant, id)))).toEqual(ids.map(() => 0));
  });
});
