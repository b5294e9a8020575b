import { parseReplay, recordHeaders, topics, type Tenant, type TopicName } from '@tessera/contracts';
import { topicPosition, xidOf } from '@tessera/domain';
import { BatchConsumer, Messaging, type IncomingMessage } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import {
  Database,
  DatasetStore,
  DeadLetterReplays,
  deadLetterId,
  DeadLetterStore,
  type DeadLetterDocument,
} from '@tessera/stores';
import {
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '@tessera/testing';
import { startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';

const DEAD_LETTERS = '/data/core/ups/ops/deadLetters';
const JOBS = '/data/core/ups/system/jobs';
const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
const tenant: Tenant = { organisation: 'A@TesseraOrg', sandbox: 'prod' };

/** Real: the gateway, MongoDB and Kafka. The test reads the topics as workers do. */
describe('replaying dead letters', () => {
  const { mongodbUri, kafkaBrokers } = testServers();
  const name = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const database = Database.create({ uri: mongodbUri, name });
  const store = new DeadLetterStore(database);
  const messages: IncomingMessage[] = [];
  const commands: unknown[] = [];
  const consumers: BatchConsumer[] = [];
  let gateway: TestGateway;
  let datasetId: string;
  let offset = 0;

  beforeAll(async () => {
    gateway = await startGateway({ MONGODB_DATABASE: name, KAFKA_TOPIC_PREFIX: topicPrefix });
    await untilReady(gateway);
    const created = await new DatasetStore(database).create({
      tenant,
      name: 'people',
      schemaRef: { id: PROFILE },
      tags: {},
      rules: { behavior: 'record', profile: true, identity: true, upsert: false },
      created: 1,
      updated: 1,
      version: '1.0.0',
      createdUser: 'test',
    });
    if (created === 'name-taken') throw new Error(created);
    datasetId = created.id;
    await consume(topics.record, (message) => messages.push(message));
    await consume(topics.ingestionCommand, ({ value }) => commands.push(JSON.parse(value.toString())));
  });
  afterAll(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await gateway.close();
    await database.close();
    await dropTestDatabase(mongodbUri, name);
    await deleteTestTopics(kafkaBrokers, topicPrefix);
  });

  async function consume(topic: TopicName, take: (message: IncomingMessage) => void) {
    const consumer = new BatchConsumer(
      new Messaging({
        brokers: kafkaBrokers.split(','),
        topicPrefix,
        clientId: 'test',
        logger: createLogger('test', 'silent'),
      }),
      {
        topic,
        group: `test-${topic}`,
        handle: (taken) => Promise.resolve(taken.forEach(take)),
        handlePoison: () => Promise.resolve(),
        maxRecords: 100,
        concurrency: 1,
        commitInterval: 100,
      },
    );
    consumers.push(consumer);
    await consumer.start();
  }

  const envelope = (entity: object, header: object = {}) => ({
    header: { datasetId, schemaRef: { id: PROFILE }, ...header },
    body: { xdmMeta: {}, xdmEntity: entity },
  });
  const ada = { identityMap: { Email: [{ id: 'ada@example.com', primary: true }] } };

  async function keep(record: unknown, headers: DeadLetterDocument['headers']): Promise<DeadLetterDocument> {
    offset += 1;
    const source = { topic: 'records', partition: 1, offset };
    const at = new Date(1_700_000_000_000 + offset);
    const deadLetter: DeadLetterDocument = {
      _id: deadLetterId(source, offset),
      tenant: 'A@TesseraOrg/prod',
      datasetId,
      reason: 'unsafe-integer',
      faults: [{ path: '/a', message: 'is wrong' }],
      record: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
      headers,
      source,
      acceptedAt: at,
      firstAttempt: at,
      lastAttempt: at,
      attempts: 1,
      expireAt: new Date(Date.now() + 60_000),
    };
    await store.put([deadLetter]);
    return deadLetter;
  }

  async function call(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object | string) {
    const headers = {
      ...(await gateway.headers()),
      ...(typeof payload === 'string' && { 'content-type': 'application/json' }),
    };
    const answer = await gateway.application.inject({ method, url, headers, ...(payload && { payload }) });
    const body = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    return { status: answer.statusCode, body };
  }

  const published = (id: string): Promise<IncomingMessage> =>
    eventually(() => {
      const of = messages.filter((message) => message.header(recordHeaders.replay)?.startsWith(`${id} `));
      expect(of).toHaveLength(1);
      return of[0] as IncomingMessage;
    });

  it('publishes the very bytes again, with the stamp of their acceptance, to where their person’s records go', async () => {
    const text = `{"header": ${JSON.stringify(envelope(ada).header)},  "body":{"xdmMeta":{},"xdmEntity":${JSON.stringify(ada)}}}`;
    const stamp = '1700000000123 p7 1700000000123:gw:1 req-1';
    const { _id } = await keep(text, [
      { name: 'organisation', value: tenant.organisation },
      { name: 'sandbox', value: tenant.sandbox },
      { name: 'stamp', value: stamp },
      { name: 'traceparent', value: '00-abc' },
    ]);
    const { status, body } = await call('POST', `${DEAD_LETTERS}/${_id}/replay`);
    expect({ status, body }).toMatchObject({ status: 202, body: { id: _id, state: 'replaying', attempts: 1 } });
    const message = await published(_id);
    expect(message.value.toString()).toBe(text);
    expect(message.key).toBe(xidOf(tenant, 'email', 'ada@example.com'));
    expect(message.headers()).toEqual(
      expect.arrayContaining([
        { name: 'organisation', value: tenant.organisation },
        { name: 'sandbox', value: tenant.sandbox },
        { name: 'stamp', value: stamp },
        { name: 'traceparent', value: '00-abc' },
      ]),
    );
    expect(parseReplay(message.header(recordHeaders.replay))?.deadLetterId).toBe(_id);
    const { expireAt } = (await store.find(tenant, _id)) ?? {};
    expect(expireAt?.getTime()).toBeGreaterThan(Date.now() + 86_400_000);
  });

  it('makes the stamp of a record of another producer out of its time and place', async () => {
    const { _id, acceptedAt, source } = await keep('no json at all', []);
    expect((await call('POST', `${DEAD_LETTERS}/${_id}/replay`, {})).status).toBe(202);
    const message = await published(_id);
    const [time, position] = message.header(recordHeaders.stamp)?.split(' ') ?? [];
    expect([time, position]).toEqual([String(acceptedAt.getTime()), topicPosition(source.partition, source.offset)]);
    expect(message.header(recordHeaders.organisation)).toBe(tenant.organisation);
    expect(message.value.toString()).toBe('no json at all');
  });

  it('publishes a corrected record in place of the one that failed', async () => {
    const { _id } = await keep(envelope({}), []);
    const record = envelope(JSON.parse('{"__proto__":{"a":1},"$set":{"a.b":1}}') as object);
    expect((await call('POST', `${DEAD_LETTERS}/${_id}/replay`, { record })).status).toBe(202);
    expect((await published(_id)).value.toString()).toBe(JSON.stringify(record));
    expect((await call('GET', `${DEAD_LETTERS}/${_id}`)).body).toMatchObject({ record: { json: envelope({}) } });
  });

  it('publishes the numbers of a correction as they are written, also those that are refused for it', async () => {
    const { _id } = await keep(envelope({}), []);
    const text = JSON.stringify(envelope({ n: 0 })).replace('"n":0', '"n":[9007199254740993,1e400]');
    expect((await call('POST', `${DEAD_LETTERS}/${_id}/replay`, `{"record":${text}}`)).status).toBe(202);
    expect((await published(_id)).value.toString()).toBe(text);
  });

  it('refuses a correction that the door would refuse, with every fault, and replays nothing', async () => {
    const { _id } = await keep(envelope({}), []);
    const faultsOf = async (record: unknown) => {
      const { status, body } = await call('POST', `${DEAD_LETTERS}/${_id}/replay`, { record });
      return [status, (body['errors'] as { path: string }[]).map(({ path }) => path)];
    };
    expect(await faultsOf({ header: {}, body: { xdmMeta: {} } })).toEqual([
      400,
      ['/record/header/datasetId', '/record/header/schemaRef', '/record/body/xdmEntity'],
    ]);
    expect(await faultsOf(envelope(ada, { imsOrgId: 'B@TesseraOrg', schemaRef: { id: 'other' } }))).toEqual([
      400,
      ['/record/header/imsOrgId', '/record/header/schemaRef/id'],
    ]);
    expect(await faultsOf(envelope(ada, { datasetId: '0'.repeat(24) }))).toEqual([400, ['/record/header/datasetId']]);
    expect(await faultsOf([])).toEqual([400, ['/record']]);
    const large = await call('POST', `${DEAD_LETTERS}/${_id}/replay`, {
      record: envelope({ text: 'x'.repeat(1_048_576) }),
    });
    expect(large.status).toBe(413);
    expect((await call('GET', `${DEAD_LETTERS}/${_id}`)).body).toMatchObject({ state: 'waiting' });
  });

  it('refuses a correction that is not in its place, and replays nothing', async () => {
    const { _id } = await keep(envelope({}), []);
    for (const [body, paths] of [
      [{ foo: 1 }, ['/foo']],
      [envelope(ada), ['/header', '/body']],
      [{ record: envelope(ada), 'a/b': 1 }, ['/a~1b']],
    ] as const) {
      const answer = await call('POST', `${DEAD_LETTERS}/${_id}/replay`, body);
      const errors = paths.map((path) => ({ path, message: 'is not a known field' }));
      expect(answer).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400', errors } });
      expect(answer.body['detail']).toContain('the corrected envelope goes into "record"');
    }
    expect((await call('GET', `${DEAD_LETTERS}/${_id}`)).body).toMatchObject({ state: 'waiting' });
  });

  it('refuses a filter with a field that it does not know, rather than replay all', async () => {
    const { status, body } = await call('POST', `${DEAD_LETTERS}/replay`, { reasn: 'too-deep' });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: '/reasn' }] } });
  });

  it('refuses filters that disagree in the query and in the body, rather than choose one', async () => {
    const answer = await call('POST', `${DEAD_LETTERS}/replay?datasetId=a&reason=too-deep`, {
      datasetId: 'b',
      reason: 'too-deep',
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: '/datasetId' }] } });
  });

  it('lets one of several replays at once through', async () => {
    const { _id } = await keep(envelope(ada), []);
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', `${DEAD_LETTERS}/${_id}/replay`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
    await published(_id);
  });

  it('knows no dead letter of another sandbox, and none that was deleted', async () => {
    const { _id } = await keep(envelope(ada), []);
    const headers = await gateway.headers({ 'x-gw-ims-org-id': 'B@TesseraOrg' });
    for (const [method, url] of [
      ['POST', `${DEAD_LETTERS}/${_id}/replay`],
      ['DELETE', `${DEAD_LETTERS}/${_id}`],
    ] as const) {
      expect((await gateway.application.inject({ method, url, headers })).statusCode).toBe(404);
    }
    expect((await call('DELETE', `${DEAD_LETTERS}/${_id}`)).status).toBe(204);
    expect((await call('DELETE', `${DEAD_LETTERS}/${_id}`)).status).toBe(404);
    expect((await call('POST', `${DEAD_LETTERS}/${_id}/replay`)).status).toBe(404);
    expect((await call('GET', `${DEAD_LETTERS}/${_id}`)).status).toBe(404);
  });

  it('commissions a job for those a filter selects, readable as a system job', async () => {
    const filter = { reason: 'too-deep', datasetId, from: '2026-01-01T00:00:00Z' };
    const { status, body } = await call('POST', `${DEAD_LETTERS}/replay`, filter);
    const properties = { reason: 'too-deep', datasetId, from: Date.parse(filter.from) };
    const job = { requestType: 'REPLAY_DEAD_LETTERS', status: 'NEW', progress: 0, dataSetId: datasetId, properties };
    expect({ status, body }).toMatchObject({ status: 202, body: job });
    expect((await call('POST', `${DEAD_LETTERS}/replay?reason=too-deep`)).body).toMatchObject({
      properties: { reason: 'too-deep' },
    });
    expect((await call('POST', `${DEAD_LETTERS}/replay`, { reason: 'none-such' })).status).toBe(400);
    expect((await call('GET', `${JOBS}/${String(body['id'])}`)).body).toMatchObject(job);
    expect((await call('GET', `${JOBS}/unknown`)).status).toBe(404);
    const listed = await call('GET', `${JOBS}?limit=1&start=1&sort=createdAt:desc`);
    expect(listed.body).toMatchObject({ _page: { pageSize: 1, count: 1, start: 1, totalCount: 2, next: '' } });
    expect(listed.body['children']).toMatchObject([
      { id: body['id'], metrics: expect.stringContaining('{') as string },
    ]);
    expect((await call('GET', `${JOBS}?sort=none`)).status).toBe(400);
    await eventually(() => expect(commands).toContainEqual(expect.objectContaining({ jobId: body['id'] })));
  });

  it('takes a replay back whose message has not reached the topic', async () => {
    const { _id } = await keep(envelope(ada), []);
    const replays = new DeadLetterReplays(database);
    await replays.begin(tenant, _id, 'token');
    await replays.takeBack(tenant, { deadLetterId: _id, token: 'token' });
    expect((await call('GET', `${DEAD_LETTERS}/${_id}`)).body).toMatchObject({ state: 'waiting' });
  });
});
