import type { Tenant } from '@tessera/contracts';
import { JobCancelledError, JobFailure } from '@tessera/jobs';
import { createLogger, Metrics } from '@tessera/observability';
import {
  AuditStore,
  Database,
  deletionOf,
  DeletionReceipts,
  ensureIndexes,
  FenceSetter,
  JobStore,
  type Job,
} from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { DeletionMetrics } from '../deletion-metrics.js';
import { Conclusion } from './conclusion.js';

/** Real: MongoDB. */
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const jobs = new JobStore(database);
const receipts = new DeletionReceipts(database);
const audit = new AuditStore(database);
const metrics = new Metrics('test');
const conclusion = new Conclusion({
  jobs,
  receipts,
  audit,
  fences: new FenceSetter(database),
  metrics: new DeletionMetrics(metrics),
  logger: createLogger('test', 'silent'),
});

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

async function newJob(id: string): Promise<Job> {
  const asked = { requestedBy: 'me', requestId: 'r', createdAt: 1 };
  return jobs.create(tenant, { id, type: 'TRUNCATE_DATASET', properties: { datasetId: 'd', at: 1 }, ...asked });
}
const conclude = (job: Job, left = 0) =>
  conclusion.conclude(job, deletionOf(job), { exports: [], remaining: { fragments: left } });
const audited = async (id: string) =>
  (await audit.list(tenant, { start: 0, limit: 100 })).children
    .filter(({ jobId }) => jobId === id)
    .map(({ action, counts }) => [action, counts['fragments'], counts['links']]);

it('says in the receipt and in the audit what all turns have counted, also those that came after this one began', async () => {
  const job = await newJob('counted');
  await jobs.count(tenant, job.id, { fragments: 5, recordsProcessed: 5 });
  await jobs.count(tenant, job.id, { fragments: 2, links: 1 });
  await conclude(job);
  expect((await receipts.find(tenant, job.id))?.removed).toMatchObject({ fragments: 7, links: 1, events: 0 });
  expect(await audited(job.id)).toEqual([['done', 7, 1]]);
});

it('lets the turn that concludes first have the word in both', async () => {
  const job = await newJob('twice');
  await jobs.count(tenant, job.id, { fragments: 5 });
  await conclude(job);
  await jobs.count(tenant, job.id, { fragments: 1 });
  await conclude(job);
  expect((await receipts.find(tenant, job.id))?.removed.fragments).toBe(5);
  expect(await audited(job.id)).toEqual([['done', 5, 0]]);
  const { text } = await metrics.exposition();
  expect(text).toMatch(/tessera_deletions_total\{[^}]*outcome="done"[^}]*\} 2\n/);
});

it('puts on record of a deletion that failed what its receipt says, or without one what was counted', async () => {
  const [left, broken] = [await newJob('left'), await newJob('broken')];
  await jobs.count(tenant, left.id, { fragments: 3 });
  await expect(conclude(left, 1)).rejects.toBeInstanceOf(JobFailure);
  await jobs.count(tenant, left.id, { fragments: 1 });
  await jobs.count(tenant, broken.id, { fragments: 4 });
  for (const job of [left, broken]) await conclusion.failed(job, deletionOf(job));
  expect((await receipts.find(tenant, left.id))?.removed.fragments).toBe(3);
  expect([await audited(left.id), await audited(broken.id)]).toEqual([[['failed', 3, 0]], [['failed', 4, 0]]]);
});

it('gives no receipt for a job that was taken back meanwhile', async () => {
  const job = await newJob('withdrawn');
  await jobs.remove(tenant, job.id, ['TRUNCATE_DATASET']);
  await expect(conclude(job)).rejects.toBeInstanceOf(JobCancelledError);
  expect([await receipts.find(tenant, job.id), await audited(job.id)]).toEqual([undefined, []]);
});
