import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Tenant } from '@tessera/contracts';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes, JobStore, type Job } from '@tessera/stores';
import {
  deleteTestKeys,
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  openDoor,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
  type Door,
} from '@tessera/testing';
import { keyPrefix } from './connection.js';
import { JobCommands } from './job-commands.js';
import { JobCancelledError, type JobContext, type JobHandler } from './job-handler.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';
import { JobRunner } from './job-runner.js';
import { JobSweeper } from './job-sweeper.js';

/** Real: Redis, MongoDB, Kafka. */
const servers = testServers();
const name = uniqueDatabaseName();
const prefix = uniqueTopicPrefix();
const logger = createLogger('test', 'silent');
const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const database = Database.create({ uri: servers.mongodbUri, name });
const store = new JobStore(database);
const brokers = servers.kafkaBrokers.split(',');
const messaging = new Messaging({ brokers, topicPrefix: prefix, clientId: 'test', logger });
const producer = new Producer(messaging);
const commands = new JobCommands(store, producer);
const queueOptions = { redisUrl: servers.redisUrl, redisPrefix: prefix, queue: 'jobs', logger };
const queue = new JobQueue(queueOptions);
const metrics = new Metrics('test');
const jobMetrics = new JobMetrics(metrics, 'jobs', ['INGEST_BATCH']);
const runners: JobRunner[] = [];
const doors: Door[] = [];
let jobs = 0;

beforeAll(async () => {
  await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
}, 60_000);
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await deleteTestKeys(servers.redisUrl, prefix);
}, 30_000);
afterAll(async () => {
  await Promise.all([queue.close(), ...doors.map((door) => door.shut())]);
  await producer.close();
  await database.close();
  await Promise.all([dropTestDatabase(servers.mongodbUri, name), deleteTestTopics(servers.kafkaBrokers, prefix)]);
}, 60_000);

function runner(handler: Omit<JobHandler, 'type'>, redisUrl = servers.redisUrl): JobRunner {
  const created = new JobRunner({
    ...queueOptions,
    redisUrl,
    store,
    jobQueue: queue,
    types: ['INGEST_BATCH'],
    handlers: [{ type: 'INGEST_BATCH', ...handler }],
    metrics: jobMetrics,
    concurrency: 10,
    partConcurrency: 4,
    lockDuration: 1_500,
    pollInterval: 50,
  });
  runners.push(created);
  created.start();
  return created;
}

async function added(): Promise<Job> {
  jobs += 1;
  const job = await store.create(tenant, {
    ...{ id: `job${jobs}`, type: 'INGEST_BATCH', properties: {}, requestedBy: 'me', requestId: 'r', createdAt: jobs },
  });
  await queue.add(job);
  return job;
}

function untilAborted({ signal }: JobContext): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
}

async function allSucceeded(ids: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const found = await Promise.all(ids.map((id) => store.status(tenant, id)));
      expect(found).toEqual(ids.map(() => 'SUCCESS'));
    },
    { timeout: 40_000 },
  );
}

it('ends ten jobs rightly, each part done, although Redis loses everything in the middle of them', async () => {
  const done = new Map<string, Set<string>>();
  const state = { partsBegun: 0, isLost: false };
  const handler: Omit<JobHandler, 'type'> = {
    run: async ({ id }, context) => {
      const finished = done.get(id) ?? new Set();
      if (finished.size === 3) return { done: true, metrics: { parts: finished.size } };
      for (const part of ['a', 'b', 'c']) if (!finished.has(part)) await context.addPart(part);
      return { again: 50 };
    },
    runPart: async ({ id }, part, context) => {
      state.partsBegun += 1;
      // Of each job the first part is done before, the second is under way, the third waits.
      if (part !== 'a' && !state.isLost) await untilAborted(context);
      done.set(id, (done.get(id) ?? new Set()).add(part));
    },
  };
  const ids = (await Promise.all(Array.from({ length: 10 }, added))).map(({ id }) => id);
  runner(handler);
  await eventually(() => expect(state.partsBegun).toBeGreaterThanOrEqual(5));
  await deleteTestKeys(servers.redisUrl, prefix);
  state.isLost = true;
  const sweeper = new JobSweeper({ store, queue, commands, types: ['INGEST_BATCH'], logger, interval: 200 });
  sweeper.start();
  await allSucceeded(ids);
  await sweeper.stop();
  expect([...done.values()].map((parts) => [...parts].sort())).toEqual(ids.map(() => ['a', 'b', 'c']));
  for (const id of ids) expect(await store.find(tenant, id)).toMatchObject({ progress: 100, metrics: { parts: 3 } });
}, 90_000);

it('takes a job over from a worker that gives no sign of life, and ends it once', async () => {
  const door = await openDoor(new URL(servers.redisUrl).host);
  doors.push(door);
  const begun = Promise.withResolvers<void>();
  const { id } = await added();
  let ended = 0;
  runner(
    {
      run: async (_job, context) => {
        begun.resolve();
        return untilAborted(context);
      },
    },
    `redis://127.0.0.1:${door.port}`,
  );
  await begun.promise;
  await door.shut();
  runner({
    run: () => {
      ended += 1;
      return Promise.resolve({ done: true });
    },
  });
  await allSucceeded([id]);
  expect(ended).toBe(1);
  const { text } = await metrics.exposition();
  expect(text).toMatch(/tessera_jobs_stalled_total\{queue="jobs",service="test"\} [1-9]/);
  expect(text).toMatch(/tessera_job_seconds_count\{[^}]*type="INGEST_BATCH",status="SUCCESS"/);
  expect(text).toMatch(/tessera_job_turn_seconds_count\{[^}]*type="INGEST_BATCH",kind="part",outcome="settled"/);
  await door.open();
}, 60_000);

it('counts a job whose handler has recorded its end, and has a count of failures before the first', async () => {
  const endings = async (status: string) => {
    const { text } = await metrics.exposition();
    const [, count] = new RegExp(`tessera_job_seconds_count{[^}]*status="${status}"[^}]*} (\\d+)`).exec(text) ?? [];
    return count === undefined ? undefined : Number(count);
  };
  expect(await endings('FAILED')).toBeDefined();
  const before = (await endings('SUCCESS')) ?? 0;
  const { id } = await added();
  runner({
    run: async () => {
      await store.finish(tenant, id, { status: 'SUCCESS' });
      return { done: true, isRecorded: true };
    },
  });
  await allSucceeded([id]);
  await eventually(async () => expect(await endings('SUCCESS')).toBe(before + 1));
});

it('keeps what a turn counts after it was told to stop, and goes on counting from there', async () => {
  const { id } = await added();
  const begun = Promise.withResolvers<void>();
  const first = runner({
    run: async (_job, context) => {
      await context.count({ rows: 1 });
      begun.resolve();
      await untilAborted(context).catch(() => undefined);
      await context.count({ rows: 2, files: 1 });
      return context.progress({ progress: 50, metrics: { rows: 0 } }).then(() => ({ done: true }));
    },
  });
  await begun.promise;
  await first.stop();
  expect(await store.find(tenant, id)).toMatchObject({ status: 'IN-PROGRESS', metrics: { rows: 3, files: 1 } });
  runner({
    run: async (job, context) => {
      expect(job.metrics).toEqual({ rows: 3, files: 1 });
      expect(await context.count({ rows: 4 })).toEqual({ rows: 7, files: 1 });
      await context.progress({ progress: 20, metrics: { found: 9 } });
      return { done: true };
    },
  });
  await allSucceeded([id]);
  expect(await store.find(tenant, id)).toMatchObject({ metrics: { rows: 7, files: 1, found: 9 } });
}, 60_000);

it('adds up what two turns of a job count at once, and counts nothing once it has ended', async () => {
  const door = await openDoor(new URL(servers.redisUrl).host);
  doors.push(door);
  const [begun, last, refused] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<unknown>(),
  ];
  const { id } = await added();
  runner(
    {
      run: async (_job, context) => {
        begun.resolve();
        // It has lost contact, and does not know that another does the job meanwhile.
        await last.promise;
        await context.count({ rows: 3 });
        await eventually(async () => expect(await store.status(tenant, id)).toBe('SUCCESS'));
        refused.resolve(await context.count({ rows: 100 }).catch((error: unknown) => error));
        return { done: true };
      },
    },
    `redis://127.0.0.1:${door.port}`,
  );
  await begun.promise;
  await door.shut();
  runner({
    run: async (_job, context) => {
      await context.count({ rows: 4 });
      last.resolve();
      await eventually(async () => expect((await store.find(tenant, id))?.metrics).toEqual({ rows: 7 }));
      return { done: true };
    },
  });
  await allSucceeded([id]);
  expect(await refused.promise).toBeInstanceOf(JobCancelledError);
  expect((await store.find(tenant, id))?.metrics).toEqual({ rows: 7 });
  await door.open();
}, 60_000);

it('begins no second turn of a job beside one that is under way in the same process, also after Redis lost everything', async () => {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const turns = { underWay: 0, most: 0, all: 0 };
  const { id } = await added();
  runner({
    run: async (_job, context) => {
      turns.all += 1;
      turns.underWay += 1;
      turns.most = Math.max(turns.most, turns.underWay);
      if (turns.all === 1) {
        begun.resolve();
        await untilAborted(context).catch(() => undefined);
        await released.promise;
      }
      turns.underWay -= 1;
      return { done: true };
    },
  });
  await begun.promise;
  await deleteTestKeys(servers.redisUrl, prefix);
  await new JobSweeper({ store, queue, commands, types: ['INGEST_BATCH'], logger }).sweep();
  const connection = new Redis(servers.redisUrl, { maxRetriesPerRequest: null });
  const entries = new Queue('jobs', { connection, prefix: keyPrefix(queueOptions) });
  try {
    await eventually(async () => expect(await entries.getDelayedCount()).toBe(1), { timeout: 10_000 });
  } finally {
    await entries.close();
    connection.disconnect();
  }
  released.resolve();
  await allSucceeded([id]);
  expect(turns.most).toBe(1);
}, 60_000);
