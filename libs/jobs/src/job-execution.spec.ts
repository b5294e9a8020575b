import { UnavailableError, type Tenant } from '@tessera/contracts';
import { createLogger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes, JobStore } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName, uniqueTopicPrefix } from '@tessera/testing';
import { JobExecution } from './job-execution.js';
import type { JobHandler } from './job-handler.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';

/** Real: Redis, MongoDB. */
const { mongodbUri, redisUrl } = testServers();
const name = uniqueDatabaseName();
const database = Database.create({ uri: mongodbUri, name });
const store = new JobStore(database);
const lines: string[] = [];
const logger = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
const queue = new JobQueue({ redisUrl, redisPrefix: uniqueTopicPrefix(), queue: 'jobs', logger });
const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await queue.close();
  await database.close();
  await dropTestDatabase(mongodbUri, name);
});

it('logs why a job waits', async () => {
  const type = 'INGEST_BATCH';
  const denied = Object.assign(new Error("EACCES: permission denied, open '/data/file'"), { code: 'EACCES' });
  const run: JobHandler['run'] = () => Promise.reject(new UnavailableError('object-storage', denied));
  const metrics = new JobMetrics(new Metrics('test'), 'jobs', [type]);
  const execution = new JobExecution({ store, queue, logger, metrics, handlers: new Map([[type, { type, run }]]) });
  const { id } = await store.create(tenant, {
    ...{ id: 'job', type, properties: {}, requestedBy: 'me', requestId: 'r', createdAt: 1 },
  });
  const payload = { ...tenant, jobId: id, type, requestId: 'r', failures: 0 } as const;
  expect(await execution.execute(payload, 1, new AbortController())).toMatchObject({ kind: 'later', failures: 0 });
  const error = 'UnavailableError: object-storage is not available: EACCES';
  const message = 'A job waits for what it depends on';
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 'warn', message, jobId: id, error }]);
});
