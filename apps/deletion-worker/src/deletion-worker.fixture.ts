import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Tenant } from '@tessera/contracts';
import { deletionWorkerSchema, loadConfiguration } from '@tessera/config';
import { versionOf, withNewConfiguration, withNewDestination, withoutConfiguration, xidOf } from '@tessera/domain';
import { EdgeCopies } from '@tessera/edge-store';
import { JobCancelledError, type JobContext } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger, Metrics } from '@tessera/observability';
import { EdgeFeeder } from '@tessera/projections';
import {
  AbandonedDeletions,
  BatchStore,
  ComputedAttributeReader,
  Database,
  DeletionAcceptance,
  deletionOf,
  DeletionReceipts,
  ensureIndexes,
  EventReader,
  EventWriter,
  FragmentWriter,
  HiddenBatches,
  JobStore,
  MongoIdentityGraphWriter,
  NamespaceStore,
  PeopleSnapshots,
  ProjectionStore,
  RememberedNamespaceTypes,
  SandboxStore,
  TransactionSessions,
  type DeletionSubject,
  type Job,
} from '@tessera/stores';
import {
  deleteTestTopics,
  dropTestDatabase,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { composeDeletions } from './compose-deletions.js';
import { Pace } from './pace.js';

/** Identities of one step of a deletion. */
export const STEP = 10;

/** Always of whole steps, however slow the machine is, so that tests know how far a deletion is. */
class SteadyPace extends Pace {
  protected override adapt(): void {
    // Neither smaller nor larger.
  }
}
const projectionId = 'everything';

/** The parts of a deletion worker on the real servers, and people with copies at an edge for it to delete. */
export async function startDeletionWorker() {
  const servers = testServers();
  const [name, topicPrefix] = [uniqueDatabaseName(), uniqueTopicPrefix()];
  const folder = await mkdtemp(join(tmpdir(), 'tessera-deletions-'));
  const database = Database.create({ uri: servers.mongodbUri, name });
  const logger = createLogger('test', 'silent');
  const brokers = servers.kafkaBrokers.split(',');
  const messaging = new Messaging({ brokers, topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  const sessions = new TransactionSessions(database);
  const configuration = loadConfiguration(deletionWorkerSchema, {
    KAFKA_BROKERS: servers.kafkaBrokers,
    MONGODB_URI: servers.mongodbUri,
    REDIS_URL: servers.redisUrl,
    REDIS_PREFIX: topicPrefix,
    EDGE_DATA_CENTERS: 'OR1',
    OBJECT_STORAGE_URL: pathToFileURL(folder).href,
    DELETION_STEP: String(STEP),
    DELETION_PAUSE_MS: '0',
  });
  const metrics = new Metrics('test');
  const deletions = composeDeletions({
    ...{ configuration, database, messaging, producer, sessions, logger, metrics },
    pace: new SteadyPace({ step: STEP, pause: 0 }),
  });
  const edge = new EdgeCopies({ redisUrl: servers.redisUrl, redisPrefix: topicPrefix, dataCenter: 'OR1' });
  await Promise.all([ensureIndexes(database), ensureTopics(messaging, 1, 1), producer.connect()]);
  sessions.start();
  await Promise.all([deletions.connect(), edge.connect()]);

  const [jobs, abandoned] = [new JobStore(database), new AbandonedDeletions(database)];
  const [acceptance, receipts] = [new DeletionAcceptance(database), new DeletionReceipts(database)];
  const feeder = new EdgeFeeder(new PeopleSnapshots(database), [edge], {
    reader: new ComputedAttributeReader(database),
    tenantName: 'acme',
  });
  const graph = new MongoIdentityGraphWriter(database, {
    namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)),
  });
  const xidsOf = (tenant: Tenant, ids: readonly string[]) => ids.map((id) => xidOf(tenant, 'email', id));

  /** Works on a job as a worker does, until it is done, fails, or is called off by who is told how far it is. */
  const work = async (
    job: Job,
    told: (records: number, percent: number) => Promise<void> = () => Promise.resolve(),
  ) => {
    const handler = deletions.handlers.find(({ type }) => type === job.type);
    if (!handler) throw new Error(`Nobody does ${job.type}.`);
    const stop = new AbortController();
    const context: JobContext = {
      signal: stop.signal,
      progress: async (progress) => {
        const { metrics = {} } = (await jobs.find(job.tenant, job.id)) ?? {};
        await told(metrics['recordsProcessed'] ?? 0, progress.progress);
        if ((await jobs.progress(job.tenant, job.id, progress)) !== null) return;
        stop.abort(new JobCancelledError('the job is no longer open'));
        stop.signal.throwIfAborted();
      },
      count: async (counts) => {
        const counted = await jobs.count(job.tenant, job.id, counts);
        if (!counted) throw new JobCancelledError('the job is no longer open');
        return counted.metrics;
      },
      addPart: () => Promise.resolve(),
    };
    for (;;) {
      const turn = await handler.run((await jobs.find(job.tenant, job.id)) ?? job, context);
      if ('again' in turn) {
        await delay(turn.again);
        continue;
      }
      await jobs.finish(job.tenant, job.id, { ...turn, status: 'SUCCESS' });
      return receipts.find(job.tenant, job.id);
    }
  };

  return {
    database,
    edge,
    abandoned,
    jobs,
    work,
    newTenant: (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `s-${randomUUID()}` }),
    xidsOf,
    /** Has the sandbox keep nothing at edges any more; what they hold stays until it expires. */
    endProjection: async (tenant: Tenant): Promise<void> => {
      await new ProjectionStore(database).change(tenant, (set) => withoutConfiguration(set, projectionId));
    },
    /** People who are one identity each, with a record in a dataset, all of them held at the edge. */
    people: async (tenant: Tenant, ids: readonly string[], datasetId: string): Promise<void> => {
      const projections = new ProjectionStore(database);
      const destination = { type: 'EDGE', dataCenters: ['OR1'], ttl: 3_600, replicationPolicy: 'PROACTIVE' } as const;
      await projections.change(tenant, (set) => withNewDestination(set, 'everywhere', destination));
      const settings = { name: 'all', selector: 'identities', destinationId: 'everywhere' };
      const schemaName = '_xdm.context.profile';
      await projections.change(tenant, (set) => withNewConfiguration(set, { id: projectionId, schemaName }, settings));
      const fragment = { datasetId, age: 1, acceptedAt: 1, body: '{}' };
      const version = versionOf(1, { acceptedAt: 1, position: '0'.repeat(12) });
      const evidence = { links: false, datasetId, first: 1, last: 1, acceptedAt: 1 };
      const xids = xidsOf(tenant, ids);
      await new FragmentWriter(database).apply(
        tenant,
        xids.map((xid) => ({ ...fragment, xid, version })),
      );
      await graph.apply(
        tenant,
        ids.map((id, index) => ({ ...evidence, identities: [{ xid: xids[index] ?? '', namespace: 'email', id }] })),
      );
      await feeder.refresh(tenant, xids);
    },
    /** A batch with an event of each of some people; of two, the one with the lower place was accepted first. */
    batch: async (tenant: Tenant, ids: readonly string[], datasetId: string, place = 0): Promise<string> => {
      const id = randomUUID();
      await new BatchStore(database).create({
        ...{ id, tenant, datasetId, behavior: 'time-series', status: 'success', inputFormat: { format: 'json' } },
        ...{ enableErrorDiagnostics: false, partialIngestionPercent: 0, created: 1, updated: 1, createdUser: 'me' },
        ...{ updatedUser: 'me', version: 1, requestId: 'r', errors: [], completedAt: 1, finishedAt: 1 },
        metrics: { inputRecordCount: 1, outputRecordCount: 1, failedRecordCount: 0, inputByteSize: 1 },
      });
      const event = { datasetId, time: 1, acceptedAt: 1, body: JSON.stringify({ batch: id }), batchId: id };
      await new EventWriter(database).apply(
        tenant,
        xidsOf(tenant, ids).map((xid) => ({ ...event, eventId: xid, xids: [xid], order: `${place}` })),
      );
      return id;
    },
    /** How many events of some people are seen, by the batch they came with. */
    seenEvents: async (tenant: Tenant, ids: readonly string[]): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const xid of xidsOf(tenant, ids)) {
        const range = { xids: [xid], descending: false, limit: 9 };
        const [read] = await new EventReader(database).findMany(tenant, [range]);
        for (const { body } of read?.events ?? []) {
          const { batch } = JSON.parse(body) as { readonly batch: string };
          counts[batch] = (counts[batch] ?? 0) + 1;
        }
      }
      return counts;
    },
    /** Where a batch stands, whether it is hidden, and how many events are stored of it. */
    batchState: async (tenant: Tenant, id: string) => ({
      status: (await new BatchStore(database).find(tenant, id))?.status,
      isHidden: (await new HiddenBatches(database).read(tenant)).includes(id),
      events: await database.collection('events').countDocuments({ batchId: id }),
    }),
    ask: async (tenant: Tenant, subject: DeletionSubject): Promise<Job> => {
      const accepted = await acceptance.accept({ tenant, subject, order: { requestedBy: 'c', requestId: 'r' } });
      if (!accepted || !('job' in accepted)) throw new Error('the deletion was not accepted');
      return accepted.job;
    },
    /** Deletes a sandbox, which is there for no more than that. */
    deleteSandbox: async ({ organisation, sandbox: name }: Tenant): Promise<Job> => {
      const sandboxes = new SandboxStore(database);
      await sandboxes.create(organisation, { name, title: name, type: 'development', createdBy: 'me' }, 1);
      const deleted = await sandboxes.delete(organisation, name, { requestedBy: 'c', requestId: 'r' });
      if (!deleted) throw new Error('the sandbox was not deleted');
      return deleted.job;
    },
    /** Takes a deletion back, as a gateway does. */
    takeBack: async (job: Job): Promise<void> => {
      await abandoned.note(deletionOf(job), Date.now());
      await jobs.remove(job.tenant, job.id, [job.type]);
    },
    /** Has the worker look at deletions that were given up, at a moment. */
    sweep: (now: number): Promise<void> => deletions.sweep.settleAll(now),
    /** How much is kept of some people, and of whoever is to be looked at. */
    kept: async (tenant: Tenant, ids: readonly string[]) => {
      const xids = xidsOf(tenant, ids);
      const of = { tenant: `${tenant.organisation}/${tenant.sandbox}` };
      const count = (collection: 'fragments' | 'identities' | 'deletion_touched', field: string) =>
        database.collection(collection).countDocuments({ ...of, [field]: { $in: xids } });
      const [fragments, identities, touched, held] = await Promise.all([
        count('fragments', 'xid'),
        count('identities', '_id'),
        count('deletion_touched', 'xid'),
        edge.held(tenant, xids),
      ]);
      return { fragments, identities, touched, held: held.size };
    },
    close: async (): Promise<void> => {
      edge.close();
      await deletions.close();
      await producer.close();
      await sessions.close();
      await database.close();
      await Promise.all([
        dropTestDatabase(servers.mongodbUri, name),
        deleteTestTopics(servers.kafkaBrokers, topicPrefix),
        rm(folder, { recursive: true, force: true }),
      ]);
    },
  };
}
