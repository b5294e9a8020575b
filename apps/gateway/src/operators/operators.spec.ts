import type { InjectOptions } from 'light-my-request';
import { jobQueues, type Tenant } from '@tessera/contracts';
import { JobQueue } from '@tessera/jobs';
import { createLogger } from '@tessera/observability';
import { AuditStore, Database, deletionProperties, JobStore, type AuditAction, type NewJob } from '@tessera/stores';
import { deleteTestKeys, eventually, openDoor, testServers, uniqueTopicPrefix, type Door } from '@tessera/testing';
import { ingestOnly, startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';

/** Real: MongoDB, Kafka, and Redis behind a door. */
describe('what operators look at', () => {
  const prefix = uniqueTopicPrefix();
  const tenant: Tenant = { organisation: 'A@TesseraOrg', sandbox: 'prod' };
  const logger = createLogger('test', 'silent');
  const { redisUrl } = testServers();
  const queue = new JobQueue({ redisUrl, redisPrefix: prefix, queue: 'sampling', logger });
  let door: Door;
  let gateway: TestGateway;
  let jobs: JobStore;
  let database: Database;

  beforeAll(async () => {
    door = await openDoor(new URL(redisUrl).host);
    const name = `${prefix.replaceAll(/[^a-z0-9]/gi, '')}ops`;
    database = Database.create({ uri: testServers().mongodbUri, name });
    jobs = new JobStore(database);
    gateway = await startGateway({
      REDIS_URL: `redis://127.0.0.1:${door.port}`,
      REDIS_PREFIX: prefix,
      MONGODB_DATABASE: name,
    });
    await untilReady(gateway);
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await database.client.db(`${prefix.replaceAll(/[^a-z0-9]/gi, '')}ops`).dropDatabase();
    await Promise.all([queue.close(), database.close(), door.shut(), deleteTestKeys(redisUrl, prefix)]);
  }, 60_000);

  const send = (options: InjectOptions) => gateway.application.inject(options);
  const get = async (url: string, headers?: Record<string, string | undefined>) =>
    send({ method: 'GET', url: `/data/core/ups/ops${url}`, headers: await gateway.headers(headers) });
  const newJob = (id: string, more: Partial<NewJob> = {}): NewJob => ({
    id,
    type: 'SAMPLE',
    properties: { samplingRatio: 1 },
    requestedBy: 'me',
    requestId: 'r',
    createdAt: 1_000,
    ...more,
  });

  it('is the lag of every group on every partition', async () => {
    const answer = await get('/lag', { 'x-sandbox-name': undefined });
    const { groups } = answer.json<{ groups: { group: string; topic: string; partitions: unknown[] }[] }>();
    for (const { group, topic } of Object.values(jobQueues)) {
      expect(groups).toContainEqual({
        group,
        topic,
        messages: 0,
        partitions: [
          { partition: 0, messages: 0 },
          { partition: 1, messages: 0 },
        ],
      });
    }
    expect(groups.map(({ topic }) => topic)).toEqual(
      expect.arrayContaining(['profile.record.v1', 'identity.evidence.v1', 'identity.settings.v1']),
    );
  });

  it('is how many entries every queue has in each state', async () => {
    const job = await jobs.create(tenant, newJob('waits'));
    await queue.add(job);
    await queue.add(job, 'one');
    await queue.add(job, 'two');
    const { queues } = (await get('/queues')).json<{ queues: { queue: string; parts: boolean; counts: object }[] }>();
    expect(queues).toHaveLength(2 * Object.keys(jobQueues).length);
    const none = { waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0 };
    const of = (parts: boolean) => queues.find((found) => found.queue === 'sampling' && found.parts === parts);
    expect(of(false)?.counts).toEqual({ ...none, waiting: 1 });
    expect(of(true)?.counts).toEqual({ ...none, waiting: 2 });
  });

  it('is the record of every job of the sandbox, newest first, by type and state', async () => {
    await jobs.create(tenant, newJob('older', { createdAt: 2_000, type: 'REVERT_BATCH' }));
    await jobs.create(tenant, newJob('newer', { createdAt: 3_000, type: 'EXPORT' }));
    await jobs.create({ ...tenant, sandbox: 'other' }, newJob('foreign'));
    await jobs.finish(tenant, 'older', { status: 'FAILED', error: 'Why.' });
    const ids = async (query: string) => {
      const { children, _page } = (await get(`/jobs?${query}`)).json<{
        children: { id: string }[];
        _page: { totalCount: number };
      }>();
      return [_page.totalCount, ...children.map(({ id }) => id)];
    };
    expect(await ids('')).toEqual([3, 'newer', 'older', 'waits']);
    expect(await ids('type=SAMPLE')).toEqual([1, 'waits']);
    expect(await ids('status=FAILED')).toEqual([1, 'older']);
    expect(await ids('limit=1&start=1')).toEqual([3, 'older']);
    expect((await get('/jobs?type=NOTHING')).statusCode).toBe(400);
    expect((await get('/jobs/older')).json()).toMatchObject({
      id: 'older',
      type: 'REVERT_BATCH',
      status: 'FAILED',
      error: 'Why.',
      properties: { samplingRatio: 1 },
      createdAt: new Date(2_000).toISOString(),
    });
    expect((await get('/jobs/foreign')).json()).toMatchObject({ status: 404, code: 'TSR-OPS-1404' });
  });

  it('has people as XIDs alone in the records of their deletions, whatever became of these', async () => {
    const ada = { xid: 'x1', namespace: 'email', id: 'ada@example.com' };
    const subject = { kind: 'person' as const, entityId: 'x1', members: [ada] };
    await jobs.create(tenant, newJob('ada', { type: 'DELETE_PROFILE', properties: deletionProperties(subject, 7) }));
    const answers = [await get('/jobs?type=DELETE_PROFILE'), await get('/jobs/ada')];
    const properties = { entityId: 'x1', identities: ['x1'], at: 7 };
    expect(answers.map((answer) => answer.json<object>())).toEqual([
      expect.objectContaining({ children: [expect.objectContaining({ id: 'ada', properties })] }),
      expect.objectContaining({ id: 'ada', properties }),
    ]);
    await jobs.remove(tenant, 'ada', ['DELETE_PROFILE']);
  });

  it('is the audit of deletions in the sandbox, newest first, which nobody can remove', async () => {
    const audit = new AuditStore(database);
    const entry = (jobId: string, action: AuditAction, at: number, sandbox = 'prod') => ({
      ...{ tenant: { ...tenant, sandbox }, jobId, jobType: 'TRUNCATE_DATASET' as const, action, at, by: 'me' },
      ...{ requestId: 'r', subject: { datasetId: 'd' }, counts: { fragments: action === 'done' ? 7 : 0 } },
    });
    await audit.add(entry('one', 'accepted', 1_000));
    await audit.add(entry('one', 'done', 2_000));
    await audit.add(entry('foreign', 'accepted', 3_000, 'other'));
    expect((await get('/audit?limit=1')).json()).toEqual({
      _page: { start: 0, limit: 1, count: 1, totalCount: 2 },
      children: [
        {
          ...{ jobId: 'one', jobType: 'TRUNCATE_DATASET', action: 'done', at: new Date(2_000).toISOString() },
          ...{ by: 'me', requestId: 'r', subject: { datasetId: 'd' }, counts: { fragments: 7 } },
        },
      ],
    });
    const { children } = (await get('/audit?start=1')).json<{ children: { action: string }[] }>();
    expect(children.map(({ action }) => action)).toEqual(['accepted']);
    const url = '/data/core/ups/ops/audit';
    expect((await send({ method: 'DELETE', url, headers: await gateway.headers() })).statusCode).toBe(404);
  });

  it('needs the scope ops', async () => {
    const authorization = `Bearer ${await gateway.token(ingestOnly)}`;
    for (const url of ['/lag', '/queues', '/jobs', '/jobs/older', '/audit']) {
      expect((await get(url, { authorization, 'x-api-key': ingestOnly.clientId })).statusCode).toBe(403);
    }
  });

  it('is in the metrics of the gateway', async () => {
    const text = (await send({ method: 'GET', url: '/metrics' })).body;
    for (const figure of [
      /tessera_consumer_lag\{[^}]*group="merge-worker",topic="identity.evidence.v1",partition="1"/,
      /tessera_queue_entries\{[^}]*queue="sampling-parts",state="waiting"/,
      /tessera_store_seconds_count\{[^}]*collection="jobs",operation="find",outcome="done"/,
    ]) {
      expect({ figure, isShown: figure.test(text) }).toEqual({ figure, isShown: true });
    }
  });

  it('is a 503 at once while Redis is down, and there again afterwards', async () => {
    await door.shut();
    const authorization = (await gateway.headers())['authorization'] ?? '';
    const refused = [await get('/queues'), await send({ url: '/ops/queues/api/queues', headers: { authorization } })];
    for (const answer of refused) {
      expect({ status: answer.statusCode, retryAfter: answer.headers['retry-after'] }).toEqual({
        status: 503,
        retryAfter: '1',
      });
    }
    await door.open();
    await eventually(async () => expect((await get('/queues')).statusCode).toBe(200), { timeout: 10_000 });
  }, 20_000);
});

describe('what operators look at without Kafka', () => {
  it('is a 503 in time, not a hang', async () => {
    const gateway = await startGateway({ KAFKA_BROKERS: '127.0.0.1:1', DEPENDENCY_TIMEOUT_MS: '300' });
    const answer = await gateway.application.inject({
      method: 'GET',
      url: '/data/core/ups/ops/lag',
      headers: await gateway.headers(),
    });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect((await gateway.application.inject({ method: 'GET', url: '/metrics' })).body).not.toContain(
      'tessera_consumer_lag{',
    );
    await gateway.close();
  }, 20_000);
});
