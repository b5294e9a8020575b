import { parseStamp, recordHeaders, topics, type JsonObject } from '@tessera/contracts';
import { builtInSchemas } from '@tessera/domain';
import { BatchConsumer, Messaging } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import { deleteTestTopics, eventually, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { startGateway, type TestGateway } from '../fixtures/gateway.fixture.js';
import { createInlet } from '../fixtures/streaming.fixture.js';

interface Answer {
  readonly status: number;
  readonly body: JsonObject & { readonly batchId?: string; readonly errors?: readonly { readonly path: string }[] };
}

/** Real: the gateway, MongoDB and Kafka. */
describe('streaming ingestion', () => {
  const topicPrefix = uniqueTopicPrefix();
  const brokers = testServers().kafkaBrokers;
  const messaging = new Messaging({
    brokers: brokers.split(','),
    topicPrefix,
    clientId: 'test',
    logger: createLogger('test', 'silent'),
  });
  let gateway: TestGateway;
  let inlet: string;
  let people: string;

  beforeAll(async () => {
    gateway = await startGateway({
      KAFKA_TOPIC_PREFIX: topicPrefix,
      STREAMING_MAX_RECORD_BYTES: '20000',
      STREAMING_MAX_BATCH_BYTES: '100000',
      RECORD_MAX_IDENTITIES: '3',
    });
    ({ inletId: inlet, datasetId: people } = await createInlet(gateway));
  });
  afterAll(async () => {
    await gateway.close();
    await deleteTestTopics(brokers, topicPrefix);
  });

  async function post(path: string, payload: object | string): Promise<Answer> {
    const { authorization = '' } = await gateway.headers();
    const answer = await gateway.application.inject({
      method: 'POST',
      url: `/collection/${path}`,
      payload,
      headers: { authorization, 'content-type': 'application/json' },
    });
    return { status: answer.statusCode, body: answer.json() };
  }

  function record(change: { header?: JsonObject; body?: JsonObject; entity?: JsonObject } = {}): JsonObject {
    const entity = { identityMap: { Email: [{ id: 'ada@example.com', primary: true }] }, ...change.entity };
    return {
      header: { schemaRef: { id: builtInSchemas.profile }, datasetId: people, ...change.header },
      body: { xdmMeta: {}, xdmEntity: entity, ...change.body },
    };
  }

  it('refuses what nests too deep to be passed on, and takes its neighbours', async () => {
    const deep = JSON.stringify(record({ entity: { deep: 'HERE' } })).replace(
      '"HERE"',
      `${'['.repeat(9_000)}${']'.repeat(9_000)}`,
    );
    expect(await post(inlet, deep)).toMatchObject({ status: 400, body: { errors: [{ path: '/body' }] } });
    const both = await post(`batch/${inlet}`, `{"messages":[${deep},${JSON.stringify(record())}]}`);
    const responses = [{ statusCode: 400, errors: [{ path: '/body' }] }, { xactionId: expect.any(String) as string }];
    expect(both).toMatchObject({ status: 207, body: { responses } });
  });

  it('takes a record, and says under which transaction', async () => {
    expect(await post(inlet, record())).toMatchObject({
      status: 200,
      body: {
        inletId: inlet,
        xactionId: expect.stringMatching(/^\d{13}:[0-9a-f]+:\d+$/) as string,
        receivedTimeMs: expect.any(Number) as number,
        syncValidation: { skipped: true },
      },
    });
  });

  it.each<[string, () => JsonObject, string]>([
    ['no header', () => ({ body: record()['body'] ?? null }), '/header'],
    ['no dataset', () => record({ header: { datasetId: '' } }), '/header/datasetId'],
    ['an unknown dataset', () => record({ header: { datasetId: '0'.repeat(24) } }), '/header/datasetId'],
    ['no schema', () => record({ header: { schemaRef: null } }), '/header/schemaRef'],
    ['another schema', () => record({ header: { schemaRef: { id: builtInSchemas.event } } }), '/header/schemaRef/id'],
    ['another organisation', () => record({ header: { imsOrgId: 'B@TesseraOrg' } }), '/header/imsOrgId'],
    ['an unknown operation', () => record({ header: { operations: { data: 'upsert' } } }), '/header/operations/data'],
    ['no record', () => record({ body: { xdmEntity: null } }), '/body/xdmEntity'],
    ['no meta', () => record({ body: { xdmMeta: 'x' } }), '/body/xdmMeta'],
  ])('refuses an envelope with %s, and says where', async (_what, message, path) => {
    const { status, body } = await post(inlet, message());
    expect(status).toBe(400);
    expect(body.errors?.map((fault) => fault.path)).toContain(path);
    expect(body).toMatchObject({ report: { message: expect.any(String) as string } });
  });

  it('tells everything that is wrong with a message at once: its envelope, its dataset, its record', async () => {
    const header = { imsOrgId: 'B@TesseraOrg', schemaRef: { id: 'x' }, operations: { data: 'zap' } };
    const bad = record({ header, entity: { n: 2 ** 60 } });
    const { body } = await post(`${inlet}?syncValidation=true`, bad);
    expect(body.errors?.map(({ path }) => path).sort()).toEqual([
      '/body/xdmEntity/n',
      '/header/imsOrgId',
      '/header/operations/data',
      '/header/schemaRef/id',
    ]);
    const unknown = record({ header: { datasetId: '0'.repeat(24) }, body: { xdmEntity: null } });
    const paths = (await post(inlet, unknown)).body.errors?.map(({ path }) => path);
    expect(paths?.sort()).toEqual(['/body/xdmEntity', '/header/datasetId']);
  });

  it('takes a bad record without looking, unless asked to look', async () => {
    const bad = record({ entity: { identityMap: {}, n: 2 ** 60 } });
    expect((await post(inlet, bad)).status).toBe(200);
    const checked = await post(`${inlet}?syncValidation=true`, bad);
    expect(checked).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/body/xdmEntity/n' }, { path: '/body/xdmEntity/identityMap' }] },
    });
    expect(await post(`${inlet}?synchronousValidation=TRUE`, record())).toMatchObject({
      status: 200,
      body: { syncValidation: { status: 'pass' } },
    });
  });

  it('refuses a value that does not say whether to look, at both doors', async () => {
    for (const name of ['syncValidation', 'synchronousValidation']) {
      for (const [door, body] of [[inlet, record()] as const, [`batch/${inlet}`, { messages: [record()] }] as const]) {
        const refused = { status: 400, body: { code: 'TSR-GEN-4400', errors: [{ path: `/${name}` }] } };
        expect(await post(`${door}?${name}=zap`, body)).toMatchObject(refused);
        expect((await post(`${door}?${name}=False`, body)).status).toBe(door === inlet ? 200 : 207);
      }
    }
  });

  it('looks by the limits it is configured with', async () => {
    const withIdentities = (count: number) => {
      const items = Array.from({ length: count }, (_, index) => ({
        id: `p${index}@example.com`,
        primary: index === 0,
      }));
      return post(`${inlet}?syncValidation=true`, record({ entity: { identityMap: { Email: items } } }));
    };
    expect((await withIdentities(3)).status).toBe(200);
    expect((await withIdentities(4)).status).toBe(400);
  });

  it('answers each message of a batch for itself, whatever its neighbours', async () => {
    const messages = [record(), { header: {} }, record({ header: { imsOrgId: 'B@TesseraOrg' } }), 7, record()];
    const { status, body } = await post(`batch/${inlet}`, { messages });
    expect(status).toBe(207);
    expect(body['responses']).toMatchObject([
      { xactionId: `${body.batchId}:0` },
      { statusCode: 400, message: expect.stringContaining('/header/datasetId') as string },
      { statusCode: 400, message: expect.stringContaining('organisation') as string },
      { statusCode: 400 },
      { xactionId: `${body.batchId}:4` },
    ]);
  });

  it('refuses what is too large: a record, a body, a batch of too many', async () => {
    const large = record({ entity: { text: 'x'.repeat(21_000) } });
    expect((await post(inlet, large)).status).toBe(413);
    expect((await post(`batch/${inlet}`, { messages: [large, record()] })).body['responses']).toMatchObject([
      { statusCode: 413 },
      { xactionId: expect.any(String) as string },
    ]);
    expect((await post(`batch/${inlet}`, { messages: Array.from({ length: 6 }, () => large) })).status).toBe(413);
    expect((await post(`batch/${inlet}`, { messages: Array.from({ length: 1_001 }, () => 1) })).status).toBe(413);
  });

  it('refuses what is no JSON, an unknown inlet, and a client without a token', async () => {
    expect((await post(inlet, '{"header":')).status).toBe(400);
    expect((await post('0'.repeat(64), record())).status).toBe(404);
    const url = `/collection/${inlet}`;
    expect((await gateway.application.inject({ method: 'POST', url, payload: record() })).statusCode).toBe(401);
  });

  it('puts a record on the topic as it came, with its tenancy and its acceptance', async () => {
    const hostile = '{"__proto__":{"x":1},"$where":"1","a.b":"\\ud800","n":[9007199254740993,-1e400,1.5]}';
    const message = record();
    const text = JSON.stringify(message).replace('"identityMap"', `"hostile":${hostile},"identityMap"`);
    const { body } = await post(inlet, text);
    const seen: { value: string; headers: Map<string, string> }[] = [];
    const consumer = new BatchConsumer(messaging, {
      topic: topics.record,
      group: 'reader',
      handle: (messages) => {
        for (const one of messages) {
          const headers = new Map(one.headers().map((header) => [header.name, header.value]));
          seen.push({ value: one.value.toString('utf8'), headers });
        }
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 100,
    });
    await consumer.start();
    const [found] = await eventually(
      () => {
        const matching = seen.filter(({ value }) => value.includes('hostile'));
        expect(matching).toHaveLength(1);
        return matching;
      },
      { timeout: 30_000 },
    );
    await consumer.stop();
    expect(found?.value).toContain(hostile);
    expect(found?.headers.get(recordHeaders.organisation)).toBe('A@TesseraOrg');
    expect(found?.headers.get(recordHeaders.sandbox)).toBe('prod');
    expect(parseStamp(found?.headers.get(recordHeaders.stamp))?.transactionId).toBe(body['xactionId']);
  });
});
