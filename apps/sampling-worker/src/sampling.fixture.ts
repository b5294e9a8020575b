import { randomUUID } from 'node:crypto';
import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { JobCommands, JobWorker } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import {
  Database,
  DatasetStore,
  ensureIndexes,
  EventWriter,
  FragmentWriter,
  JobStore,
  MongoIdentityGraphWriter,
  NamespaceStore,
  PeopleCounter,
  RememberedNamespaceTypes,
  SampleReportStore,
  SampleWorkStore,
  type EventWrite,
  type FragmentWrite,
  type Job,
} from '@tessera/stores';
import {
  deleteTestKeys,
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { SampleHandler } from './samples/sample.handler.js';
import { SampleTriggers } from './triggers/sample-triggers.js';

/** Sampling workers on the real servers, with a database, topics and keys of their own. */
export function ownSampling() {
  const { mongodbUri, kafkaBrokers, redisUrl } = testServers();
  const name = uniqueDatabaseName();
  const prefix = uniqueTopicPrefix();
  const logger = createLogger('test', 'silent');
  const database = Database.create({ uri: mongodbUri, name });
  const brokers = kafkaBrokers.split(',');
  const messaging = new Messaging({ brokers, topicPrefix: prefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  const jobs = new JobStore(database);
  const commands = new JobCommands(jobs, producer);
  const namespaces = new RememberedNamespaceTypes(new NamespaceStore(database));
  const workers: JobWorker[] = [];
  let sandboxes = 0;
  const triggersOf = (interval: number) =>
    new SampleTriggers({ database, commands, logger, streamingInterval: interval, batchInterval: interval });
  const stopAll = async () => {
    for (const worker of workers.splice(0)) {
      await worker.beforeApplicationShutdown();
      await worker.close();
    }
  };
  return {
    database,
    jobs,
    commands,
    graph: new MongoIdentityGraphWriter(database, { namespaces }),
    fragments: new FragmentWriter(database),
    events: new EventWriter(database),
    datasets: new DatasetStore(database),
    people: new PeopleCounter(database),
    reports: new SampleReportStore(database),
    works: new SampleWorkStore(database),
    triggers: triggersOf(3_600_000),
    prepare: async () => {
      await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
    },
    close: async () => {
      await stopAll();
      await producer.close();
      await database.close();
      await Promise.all([
        dropTestDatabase(mongodbUri, name),
        deleteTestTopics(kafkaBrokers, prefix),
        deleteTestKeys(redisUrl, prefix),
      ]);
    },
    /** Redis forgets everything about the queue. */
    loseRedis: () => deleteTestKeys(redisUrl, prefix),
    /** @param interval milliseconds between looks at whether a sample is due. */
    startWorker: (interval = 3_600_000) => {
      const worker = new JobWorker({
        queue: 'sampling',
        handlers: [new SampleHandler({ database, ratio: 0.1, rangeSize: 10 })],
        tasks: triggersOf(interval).tasks(),
        ...{ database, messaging, producer, logger, redisUrl, redisPrefix: prefix },
        metrics: new Metrics('test'),
        concurrency: 2,
        partConcurrency: 2,
        lockDuration: 2_000,
        commitInterval: 100,
        prepare: () => Promise.resolve(),
      });
      workers.push(worker);
      worker.onApplicationBootstrap();
    },
    /** Workers hand back what they have in hand. */
    stopWorkers: stopAll,
    newTenant: (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(sandboxes += 1)}` }),
    ask: (tenant: Tenant, properties: JsonObject = {}): Promise<Job> =>
      commands.submitSole(tenant, {
        ...{ id: randomUUID(), type: 'SAMPLE' as const, properties, requestedBy: 'me', requestId: 'r' },
        createdAt: Date.now(),
      }),
    ended: async (tenant: Tenant, id: string): Promise<Job> =>
      eventually(
        async () => {
          const job = await jobs.find(tenant, id);
          if (job?.status !== 'SUCCESS') throw new Error(`the job is ${job?.status}: ${job?.error}`);
          return job;
        },
        { timeout: 30_000 },
      ),
  };
}
export type OwnSampling = ReturnType<typeof ownSampling>;

export function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const DAY = 86_400_000;
const namespaces = ['email', 'phone', 'ecid'];

/**
 * A few hundred people with records in three datasets, events in two, some of which carry an identity of somebody else, and
 * what else there is in a store.
 */
export async function fillAtRandom(sampling: OwnSampling, tenant: Tenant, seed: number, people = 120): Promise<void> {
  const next = random(seed);
  const pick = (count: number) => Math.floor(next() * count);
  const identity = (person: number, index: number): Identity => {
    const namespace = namespaces[(person + index) % namespaces.length] as string;
    const id = `p${person}-${index}`;
    return { xid: xidOf(tenant, namespace, id), namespace, id };
  };
  const fragments: FragmentWrite[] = [];
  const events: EventWrite[] = [];
  const evidence = Array.from({ length: people }, (_, person) => {
    const identities = Array.from({ length: 1 + pick(4) }, (_unused, index) => identity(person, index));
    for (const { xid } of identities) {
      for (const datasetId of ['records-a', 'records-b', 'records-c']) {
        if (next() > 0.3) continue;
        const body = next() < 0.9 ? { body: '{}' } : {};
        fragments.push({
          datasetId: `${tenant.sandbox}-${datasetId}`,
          xid,
          age: 1,
          acceptedAt: 1,
          version: '1',
          ...body,
        });
      }
    }
    for (let count = next() < 0.5 ? 0 : pick(6); count > 0; count -= 1) {
      const from = pick(identities.length);
      // Stored under it, but not linked with it: its dataset feeds no identities.
      const guests = next() < 0.3 ? [identity(pick(people), 0)] : [];
      events.push({
        datasetId: `${tenant.sandbox}-events-${pick(2)}`,
        eventId: `${person}-${count}`,
        xids: [...new Set([...identities.slice(from), ...guests].map(({ xid }) => xid))],
        time: Date.now() - pick(140) * DAY,
        acceptedAt: 1,
        order: String(count),
        body: '{}',
        ...(next() < 0.1 && { expireAt: new Date(1) }),
      });
    }
    return { identities, links: true, datasetId: 'dataset', first: 1, last: 1, acceptedAt: 1 };
  });
  await sampling.graph.apply(tenant, evidence);
  await sampling.fragments.apply(tenant, fragments);
  await sampling.events.apply(tenant, events);
}
