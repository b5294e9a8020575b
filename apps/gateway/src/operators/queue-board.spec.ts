import type { InjectOptions } from 'light-my-request';
import { jobQueues, type Tenant } from '@tessera/contracts';
import { JobQueue } from '@tessera/jobs';
import { createLogger } from '@tessera/observability';
import { Database, JobStore } from '@tessera/stores';
import {
  deleteTestKeys,
  dropTestDatabase,
  spoilTestHash,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { ingestOnly, startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';

/** Real: MongoDB, Kafka and Redis. */
describe('the board of queues', () => {
  const prefix = uniqueTopicPrefix();
  const tenant: Tenant = { organisation: 'A@TesseraOrg', sandbox: 'prod' };
  const { redisUrl, mongodbUri } = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri: mongodbUri, name });
  const jobs = new JobStore(database);
  const logger = createLogger('test', 'silent');
  const queue = new JobQueue({ redisUrl, redisPrefix: prefix, queue: 'sampling', logger });
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ REDIS_PREFIX: prefix, MONGODB_DATABASE: name });
    await untilReady(gateway);
    await add('waits');
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await Promise.all([queue.close(), database.close(), deleteTestKeys(redisUrl, prefix)]);
    await dropTestDatabase(mongodbUri, name);
  }, 60_000);

  const send = (options: InjectOptions) => gateway.application.inject(options);
  const add = async (id: string): Promise<void> => {
    const by = { requestedBy: 'me', requestId: 'r', createdAt: 1_000 };
    await queue.add(await jobs.create(tenant, { id, type: 'SAMPLE', properties: { samplingRatio: 1 }, ...by }));
  };
  const board = (url: string, headers: Record<string, string> = {}) =>
    send({ method: 'GET', url: `/ops/queues${url}`, headers });
  const openSession = async (token: string) =>
    send({
      method: 'POST',
      url: '/ops/sessions',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ access_token: token }).toString(),
    });
  const tokenOf = async () => (await gateway.headers())['authorization']?.replace('Bearer ', '') ?? '';

  it('is closed to whoever shows nothing, or the wrong thing, with a problem document', async () => {
    for (const url of ['', '/api/queues', '/queue/sampling']) {
      const answer = await board(url);
      expect(answer.json()).toMatchObject({ status: 401, code: 'TSR-AUT-0401' });
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect((await board(url, { cookie: 'tessera_ops=made-up' })).statusCode).toBe(401);
      expect((await board(url, { authorization: 'Bearer a.b.c' })).statusCode).toBe(401);
      const authorization = `Bearer ${await gateway.token(ingestOnly)}`;
      expect((await board(url, { authorization })).statusCode).toBe(403);
    }
  });

  it('opens to a token, and to a browser that showed one', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    expect((await board('', { authorization })).statusCode).toBe(200);
    expect((await send({ method: 'GET', url: '/ops/sessions' })).body).toContain('<form method="post"');
    const opened = await openSession(await tokenOf());
    expect({ status: opened.statusCode, to: opened.headers.location }).toEqual({ status: 303, to: '/ops/queues' });
    const [cookie = '', ...attributes] = String(opened.headers['set-cookie']).split('; ');
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=900', 'Path=/ops', 'SameSite=Strict']);
    const page = await board('', { cookie });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('<base href="/ops/queues/"');
    const script = /static\/js\/[^"]+\.js|static\/[^"]+\.js/.exec(page.body)?.[0] ?? 'none';
    expect((await board(`/${script}`, { cookie })).statusCode).toBe(200);
    expect((await openSession('a.b.c')).statusCode).toBe(401);
    expect((await openSession(await gateway.token(ingestOnly))).statusCode).toBe(403);
  });

  it('is a page that gets everything from here, and answers that let a browser load nothing from elsewhere', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    const page = await board('', { authorization });
    const urls = [...page.body.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
    const resources = urls.filter((url) => url !== '/ops/queues/');
    expect(resources.length).toBeGreaterThan(5);
    for (const url of resources) {
      const answer = await board(`/${url}`, { authorization });
      expect({ url, status: answer.statusCode }).toEqual({ url, status: 200 });
    }
    // Nothing runs that is not a file of its own: a script within the page may only be data.
    for (const [tag] of page.body.matchAll(/<script[^>]*>/g)) expect(tag).toMatch(/ src="| type="application\/json"/);
    for (const url of ['', '/queue/sampling', '/api/queues', '/static/images/logo.svg', '/api/queues/nope/1']) {
      const policy = String((await board(url, { authorization })).headers['content-security-policy']);
      expect(policy.split('; ')).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'"]));
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    }
  });

  it('shows every queue and what is in it, without saying whose it is', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    const answer = await board('/api/queues?activeQueue=sampling&status=waiting&page=1&jobsPerPage=10', {
      authorization,
    });
    const { queues } = answer.json<{ queues: { name: string; readOnlyMode: boolean; jobs: { data: object }[] }[] }>();
    expect(queues.map(({ name }) => name).sort()).toEqual(
      Object.keys(jobQueues)
        .flatMap((name) => [name, `${name}-parts`])
        .sort(),
    );
    expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    const shown = queues.find(({ name }) => name === 'sampling')?.jobs.map(({ data }) => data);
    expect(shown).toEqual([{ jobId: 'waits', type: 'SAMPLE', failures: 0 }]);
    expect(answer.body).not.toContain('TesseraOrg');
  });

  it('refuses what it does not know or show with a problem document', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    const refused = [
      ['/api/queues/nope/1', { status: 404, code: 'TSR-OPS-2404' }],
      ['/api/queues/sampling/nope', { status: 404, code: 'TSR-OPS-2404' }],
      ['/api/queues?status=bogus', { status: 400, code: 'TSR-GEN-4400' }],
      [
        '/api/queues?page=-1',
        { status: 400, code: 'TSR-GEN-4400', errors: [expect.objectContaining({ path: '/page' })] },
      ],
      ['/api/redis/stats', { status: 403, code: 'TSR-AUT-3403' }],
      ['/static/nope.js', { status: 404, code: 'TSR-GEN-0404' }],
      ['/static/a%00b', { status: 404, code: 'TSR-GEN-0404' }],
      ['/static/%2e%2e/%2e%2e/package.json', { status: 404, code: 'TSR-GEN-0404' }],
      ['/api/nope', { status: 404, code: 'TSR-GEN-0404' }],
    ] as const;
    for (const [url, problem] of refused) {
      const answer = await board(url, { authorization });
      expect({ url, ...answer.json<object>() }).toMatchObject({
        url,
        ...problem,
        statusCode: String(problem.status),
      });
      expect(answer.statusCode).toBe(problem.status);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
  });

  it('changes nothing', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    for (const url of ['/pause', '/sampling/pause', '/sampling/empty', '/sampling/job_waits_/clean']) {
      const answer = await send({ method: 'PUT', url: `/ops/queues/api/queues${url}`, headers: { authorization } });
      expect(answer.statusCode).toBe(404);
    }
  });

  it('logs its own failures under the request id, and refuses what it cannot read', async () => {
    const authorization = `Bearer ${await tokenOf()}`;
    await add('spoilt');
    await spoilTestHash({ redisUrl, prefix, ending: ':sampling:job_spoilt_' }, 'data', '{');
    const answer = await board('/api/queues/sampling/job_spoilt_', { authorization, 'x-request-id': 'board-fails' });
    expect(answer.json()).toMatchObject({ status: 500, requestId: 'board-fails' });
    const lines = gateway.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ requestId }) => requestId === 'board-fails')).toEqual([
      expect.objectContaining({ level: 'error', message: 'request failed', method: 'GET' }),
    ]);
    expect((await board('/api/queues?activeQueue=%25', { authorization })).json()).toMatchObject({ status: 400 });
  });
});
