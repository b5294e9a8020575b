import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient, type Document } from 'mongodb';
import { consumerGroups, type JsonObject } from '@tessera/contracts';
import { eventually, testServers } from '@tessera/testing';
import type { Answer } from '../client/http-client.js';
import { recordMessage, type DataSetReference } from '../client/record-message.js';
import { runPlatform } from './running-platform.fixture.js';

export const JOBS = '/data/core/ups/system/jobs';

export interface SystemJob {
  readonly id: string;
  readonly requestType: string;
  readonly status: string;
  readonly error?: string;
  /** A JSON object of counts. */
  readonly metrics: string;
}

export interface Receipt {
  readonly stores: Readonly<Record<string, { readonly removed: number; readonly remaining: number }>>;
  readonly exports: readonly { readonly batchIds: readonly string[] }[];
  readonly uploads: readonly { readonly batchId: string }[];
  readonly verification: { readonly clean: boolean };
}

/** The collections that make up what the platform knows of people. */
const known = ['fragments', 'events', 'identities', 'links', 'components', 'dead_letters'] as const;

/**
 * A running platform with what tests of deletions say to it and see of it.
 *
 * @param environment what services are told besides.
 */
export async function deletionBench(environment: Readonly<Record<string, string>> = {}) {
  const servers = testServers();
  // A worker that was killed is soon taken for dead.
  const running = await runPlatform({ environment: { JOB_LOCK_MS: '2000', ...environment } });
  const { client, platform, database, topicPrefix, inletId } = running;
  const mongo = await new MongoClient(servers.mongodbUri).connect();
  const db = mongo.db(database);

  const job = (id: string) => client.expect<SystemJob>({ method: 'GET', path: `${JOBS}/${id}` });
  const jobs = async () =>
    (await client.expect<{ children: SystemJob[] }>({ method: 'GET', path: JOBS, query: { sort: 'createdAt:desc' } }))
      .children;

  return {
    running,
    client,
    platform,
    db,
    job,
    jobs,
    request: (body: object) => client.expect<SystemJob>({ method: 'POST', path: JOBS, body: JSON.stringify(body) }),
    deletePerson: async (namespace: string, id: string): Promise<SystemJob> => {
      await client.expect(
        {
          method: 'DELETE',
          path: '/data/core/ups/access/entities',
          query: { 'schema.name': '_xdm.context.profile', entityId: id, entityIdNS: namespace },
        },
        202,
      );
      const [newest] = await jobs();
      if (newest?.requestType !== 'DELETE_PROFILE') throw new Error('The deletion is not listed.');
      return newest;
    },
    /** Waits until a job has ended. */
    ended: (id: string, timeout = 90_000): Promise<SystemJob> =>
      eventually(
        async () => {
          const now = await job(id);
          if (now.status === 'NEW' || now.status === 'IN-PROGRESS') throw new Error(JSON.stringify(now));
          return now;
        },
        { timeout, interval: 100 },
      ),
    receipt: (id: string) => client.expect<Receipt>({ method: 'GET', path: `${JOBS}/${id}/receipt` }),
    message: (dataSet: DataSetReference, entity: JsonObject) => recordMessage(dataSet, client.organisation, entity),
    stream: (messages: Parameters<typeof client.streamBatch>[1]) => client.streamBatch(inletId, messages),
    lookup: (namespace: string, id: string): Promise<Answer> =>
      client.send({
        method: 'GET',
        path: '/data/core/ups/access/entities',
        query: { 'schema.name': '_xdm.context.profile', entityId: id, entityIdNS: namespace },
      }),
    /** Waits until nothing is on its way. */
    quiet: () =>
      eventually(
        async () => {
          const { backlog } = await client.counters();
          expect(Object.values(backlog)).toEqual([0, 0]);
        },
        { timeout: 60_000 },
      ),
    /** Everything that is known of people, in one order. */
    dump: async (): Promise<Record<string, Document[]>> => {
      const found = known.map(
        async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const,
      );
      return Object.fromEntries(await Promise.all(found));
    },
    /** Has workers read their topics from the start, as members of groups that nobody has heard of. */
    replayEverything: async (): Promise<void> => {
      const workers = [...platform.instances('ingestion-worker'), ...platform.instances('merge-worker')];
      await Promise.all(workers.map((worker) => worker.stop()));
      const admin = new Kafka({ brokers: servers.kafkaBrokers.split(','), logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const groups = [consumerGroups.ingestion, consumerGroups.merge].map((group) => `${topicPrefix}${group}`);
      await eventually(() => admin.deleteGroups(groups), { timeout: 30_000, interval: 200 });
      await admin.disconnect();
      await Promise.all(workers.map((worker) => worker.start()));
    },
    /** Paths of every file that is stored. */
    files: async (): Promise<string[]> => {
      const entries = await readdir(platform.objectFolder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    },
    /** Who is one person by the links that there are, each person's XIDs sorted. */
    peopleByLinks: async (): Promise<string[][]> => {
      const parents = new Map<string, string>();
      const root = (xid: string): string => {
        const parent = parents.get(xid) ?? xid;
        return parent === xid ? xid : root(parent);
      };
      for (const { a, b } of await db.collection<{ a: string; b: string }>('links').find().toArray()) {
        parents.set(root(a), root(b));
      }
      const identities = await db.collection<{ _id: string }>('identities').find().toArray();
      const people = Map.groupBy(
        identities.map(({ _id }) => _id),
        root,
      );
      return [...people.values()]
        .map((xids) => xids.sort())
        .sort((one, other) => (String(one) < String(other) ? -1 : 1));
    },
    /** Who is one person as identities say. */
    peopleStored: async (): Promise<string[][]> => {
      const identities = await db
        .collection<{ clusterId: string; members: { xid: string }[] }>('identities')
        .find()
        .toArray();
      const people = new Map(
        identities.map(({ clusterId, members }) => [clusterId, members.map(({ xid }) => xid).sort()]),
      );
      return [...people.values()].sort((one, other) => (String(one) < String(other) ? -1 : 1));
    },
    stop: async () => {
      await mongo.close();
      await running.stop();
    },
  };
}
