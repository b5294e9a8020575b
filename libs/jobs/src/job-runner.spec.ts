import { UnavailableError, type Tenant } from '@tessera/contracts';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes, JobStore, type NewJob } from '@tessera/stores';
import {
  deleteTestKeys,
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { JobCommands } from './job-commands.js';
import { JobFailure, type JobContext, type JobHandler, type JobTurn } from './job-handler.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';
import { JobRunner } from './job-runner.js';
import { JobSweeper } from './job-sweeper.js';

/** Real here: Redis, MongoDB, Kafka. */
const servers = testServers();
const name = uniqueDatabaseName();
const prefix = uniqueTopicPrefix();
const logger = createLogger('test', 'silent');
const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const database = Database.create({ uri: servers.mongodbUri, name });
const store = new JobStore(database);
const messaging = new Messaging({
  brokers: servers.kafkaBrokers.split(','),
  topicPrefix: prefix,
  clientId: 'test',
  logger,
});
const producer = new Producer(messaging);
const commands = new JobCommands(store, producer);
const queueOptions = { redisUrl: servers.redisUrl, redisPrefix: prefix, queue: 'jobs', logger };
const queue = new JobQueue(queueOptions);
const metrics = new Metrics('test');
const jobMetrics = new JobMetrics(metrics, 'jobs', ['INGEST_BATCH']);
const runners: JobRunner[] = [];
let jobs = 0;

beforeAll(async () => {
  await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
}, 60_000);

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await deleteTestKeys(servers.redisUrl, prefix);
});

afterAll(async () => {
  await queue.close();
  await producer.close();
  await database.close();
  await Promise.all([dropTestDatabase(servers.mongodbUri, name), deleteTestTopics(servers.kafkaBrokers, prefix)]);
}, 60_000);

type Work = JobHandler['run'];

function runner(run: Work, more: Partial<JobHandler> = {}): JobRunner {
  const handler: JobHandler = { type: 'INGEST_BATCH', run, ...more };
  const created = new JobRunner({
    ...queueOptions,
    store,
    jobQueue: queue,
    types: ['INGEST_BATCH'],
    handlers: [handler],
    metrics: jobMetrics,
    concurrency: 4,
    partConcurrency: 2,
    shortPartPlaces: 1,
    lockDuration: 2_000,
    maxAttempts: 2,
    pollInterval: 50,
  });
  runners.push(created);
  created.start();
  return created;
}

function newJob(): NewJob {
  jobs += 1;
  const properties = { number: jobs };
  return { id: `job${jobs}`, type: 'INGEST_BATCH', properties, requestedBy: 'me', requestId: 'r', createdAt: jobs };
}

async function added(): Promise<string> {
  const job = await store.create(tenant, newJob());
  await queue.add(job);
  return job.id;
}

async function ended(id: string, status: string) {
  return eventually(
    async () => {
      const job = await store.find(tenant, id);
      expect(job?.status).toBe(status);
      return job;
    },
    { timeout: 20_000 },
  );
}

function untilAborted({ signal }: JobContext): Promise<JobTurn> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
}

it('keeps of what a job was to do what its handler says is still to be known, once it is done', async () => {
  const id = await added();
  const [found, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  runner(async () => {
    found.resolve();
    await release.promise;
    return { done: true, properties: { kept: true } };
  });
  await found.promise;
  expect((await store.find(tenant, id))?.properties).toEqual({ number: jobs });
  release.resolve();
  expect((await ended(id, 'SUCCESS'))?.properties).toEqual({ kept: true });
});

it('does a job once and records how it ended, however often it is added', async () => {
  let runs = 0;
  const id = await added();
  await Promise.all([1, 2, 3].map(async () => queue.add((await store.find(tenant, id)) ?? fail())));
  runner(async (_job, context) => {
    runs += 1;
    await context.progress({ progress: 40.7, metrics: { rows: 4 } });
    return { done: true, metrics: { rows: 10 } };
  });
  expect(await ended(id, 'SUCCESS')).toMatchObject({ progress: 100, metrics: { rows: 10 } });
  await queue.add((await store.find(tenant, id)) ?? fail());
  const next = await added();
  await ended(next, 'SUCCESS');
  expect(runs).toBe(2);
}, 30_000);

it('continues a job in turns and does its parts', async () => {
  const parts = new Set<string>();
  const id = await added();
  runner(
    async (_job, context) => {
      if (parts.size === 2) return { done: true };
      await Promise.all(['a', 'b'].map((part) => context.addPart(part)));
      return { again: 50 };
    },
    {
      runPart: async (job, part) => {
        expect(job.id).toBe(id);
        parts.add(part);
        await Promise.resolve();
      },
    },
  );
  await ended(id, 'SUCCESS');
  expect([...parts].sort()).toEqual(['a', 'b']);
}, 30_000);

it('does a short part while long ones have all their places, and no more long ones than those', async () => {
  const [long, short] = [await added(), await added()];
  const underWay = new Set<string>();
  let most = 0;
  let end = (): void => undefined;
  const shortIsDone = new Promise<void>((resolve) => (end = resolve));
  const done = new Set<string>();
  const longParts = ['a', 'b', 'c', 'd'];
  runner(
    async (job, context) => {
      const parts = job.id === long ? longParts : ['short'];
      const open = parts.filter((part) => !done.has(part));
      // The short part comes when all the long ones wait or are under way.
      if (job.id === short && underWay.size < 2 && !done.has('short')) return { again: 20 };
      for (const part of open) await context.addPart(part, job.id === short);
      return open.length === 0 ? { done: true } : { again: 50 };
    },
    {
      runPart: async (_job, part) => {
        if (part === 'short') end();
        else {
          underWay.add(part);
          most = Math.max(most, underWay.size);
          await shortIsDone;
          underWay.delete(part);
        }
        done.add(part);
      },
    },
  );
  await ended(short, 'SUCCESS');
  await ended(long, 'SUCCESS');
  expect(most).toBe(2);
}, 60_000);

it('waits for a broken dependency instead of failing the job', async () => {
  let attempts = 0;
  const id = await added();
  runner(() => {
    attempts += 1;
    if (attempts <= 3) return Promise.reject(new UnavailableError('mongodb', new Error('down')));
    return Promise.resolve({ done: true });
  });
  await ended(id, 'SUCCESS');
  expect(attempts).toBe(4);
}, 40_000);

it('gives a job up after a bounded number of failures, says so to users and lets the handler clean up', async () => {
  const cleaned: string[] = [];
  const id = await added();
  runner(() => Promise.reject(new TypeError('secret detail')), {
    failed: (job) => Promise.resolve(void cleaned.push(job.id)),
  });
  const job = await ended(id, 'FAILED');
  expect(job?.error).toContain('request id r');
  expect(job?.error).not.toContain('secret');
  expect(cleaned).toEqual([id]);
}, 30_000);

it('does not repeat what cannot succeed', async () => {
  let attempts = 0;
  const id = await added();
  runner(() => {
    attempts += 1;
    return Promise.reject(new JobFailure('The file is gone; upload it again.'));
  });
  expect(await ended(id, 'FAILED')).toMatchObject({ error: 'The file is gone; upload it again.' });
  expect(attempts).toBe(1);
}, 30_000);

it('stops a job that is called off, and leaves it called off', async () => {
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const id = await added();
  runner(async (_job, context) => {
    started.resolve();
    try {
      return await untilAborted(context);
    } finally {
      stopped.resolve();
    }
  });
  await started.promise;
  expect(await store.cancel(tenant, id)).toBe(true);
  await stopped.promise;
  expect(await store.cancel(tenant, id)).toBe(false);
  expect((await store.find(tenant, id))?.status).toBe('CANCELLED');
}, 30_000);

it('hands a job back when its worker stops, for another to continue', async () => {
  const started = Promise.withResolvers<void>();
  const id = await added();
  const first = runner((_job, context) => {
    started.resolve();
    return untilAborted(context);
  });
  await started.promise;
  await first.stop();
  expect((await store.find(tenant, id))?.status).toBe('IN-PROGRESS');
  runner(() => Promise.resolve({ done: true }));
  await ended(id, 'SUCCESS');
}, 30_000);

it('publishes a command that never reached the broker, and adds what no queue knows', async () => {
  const job = await store.create(tenant, newJob());
  expect((await store.unpublished(['INGEST_BATCH'], Date.now(), 10_000)).map(({ id }) => id)).toContain(job.id);
  runner(() => Promise.resolve({ done: true }));
  await new JobSweeper({ store, queue, commands, types: ['INGEST_BATCH'], logger, overdueAfter: 0 }).sweep();
  await ended(job.id, 'SUCCESS');
  expect(await store.unpublished(['INGEST_BATCH'], Date.now(), 10_000)).toEqual([]);
}, 30_000);

it('commissions a job once', async () => {
  const job = newJob();
  await commands.submit(tenant, job);
  const again = await commands.submit(tenant, { ...job, properties: { number: 0 } });
  expect(again.properties).toEqual(job.properties);
  await store.cancel(tenant, job.id);
  expect(await commands.submit(tenant, job)).toMatchObject({ status: 'CANCELLED' });
  expect(await store.find({ ...tenant, sandbox: 'other' }, job.id)).toBeNull();
}, 30_000);

it('says that Redis is down instead of hanging', async () => {
  const nowhere = new JobQueue({ ...queueOptions, redisUrl: 'redis://127.0.0.1:1' });
  await expect(nowhere.add(await store.create(tenant, newJob()))).rejects.toBeInstanceOf(UnavailableError);
  await nowhere.close();
}, 30_000);

it('refuses to start with a missing or a second handler', () => {
  const handler: JobHandler = { type: 'INGEST_BATCH', run: () => Promise.resolve({ done: true }) };
  const parts = { store, jobQueue: queue, metrics: jobMetrics, concurrency: 1, partConcurrency: 1 };
  const options = { ...queueOptions, ...parts };
  expect(() => new JobRunner({ ...options, types: ['REVERT_BATCH'], handlers: [handler] })).toThrow('REVERT_BATCH');
  expect(() => new JobRunner({ ...options, types: ['INGEST_BATCH'], handlers: [handler, handler] })).toThrow('Two');
});

function fail(): never {
  throw new Error('the job is gone');
}
