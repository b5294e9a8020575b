import {
  uniqueTopicPrefix,
  uniqueDatabaseName,
  deleteTestTopics,
  dropTestDatabase,
  testServers,
} from '@tessera/testing';
import { startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';
import { createInlet, streamInto, type Inlet } from '../fixtures/streaming.fixture.js';
import { quotaHeaders } from './quota-headers.js';

/** Real: two gateways, MongoDB, Kafka and Redis. */
describe('the quota of an organisation', () => {
  const shared = { KAFKA_TOPIC_PREFIX: uniqueTopicPrefix(), MONGODB_DATABASE: uniqueDatabaseName() };
  let one: TestGateway;
  let other: TestGateway;
  let withoutRedis: TestGateway;
  const inlets = new Map<string, Inlet>();

  beforeAll(async () => {
    const quotas = {
      ...shared,
      REDIS_PREFIX: shared.KAFKA_TOPIC_PREFIX,
      QUOTA_RECORDS_PER_SECOND: '3',
      QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION: JSON.stringify({ 'B@TesseraOrg': null }),
    };
    [one, other, withoutRedis] = await Promise.all([
      startGateway(quotas),
      startGateway(quotas),
      startGateway({ ...quotas, REDIS_URL: 'redis://127.0.0.1:1' }),
    ]);
    await Promise.all([one, other, withoutRedis].map(untilReady));
    for (const organisation of ['A@TesseraOrg', 'B@TesseraOrg']) {
      inlets.set(organisation, await createInlet(one, organisation));
    }
  });
  afterAll(async () => {
    await Promise.all([one, other, withoutRedis].map((gateway) => gateway?.close()));
    const { kafkaBrokers, mongodbUri } = testServers();
    await deleteTestTopics(kafkaBrokers, shared.KAFKA_TOPIC_PREFIX);
    await dropTestDatabase(mongodbUri, shared.MONGODB_DATABASE);
  });

  async function stream(gateway: TestGateway, records: number, organisation = 'A@TesseraOrg') {
    const answer = await streamInto(gateway, inlets.get(organisation) as Inlet, records);
    const of = (name: string) => Number(answer.headers[name]);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      left: { limit: of('ratelimit-limit'), remaining: of('ratelimit-remaining'), reset: of('ratelimit-reset') },
      code: answer.json<{ code?: string }>().code,
    };
  }

  it('is one over all gateways; who is over it is told when to come again', async () => {
    // Worth a hundred seconds: nothing of the quota comes back while the test runs.
    const large = await stream(one, 300);
    expect(large).toMatchObject({ status: 207, left: { limit: 3, remaining: 0, reset: 100 } });
    expect(large.headers['ratelimit-policy']).toBe('3;w=1');
    for (const gateway of [one, other]) {
      for (const records of [1, 2]) {
        const refused = await stream(gateway, records);
        expect(refused).toMatchObject({ status: 429, code: 'TSR-COL-0429', left: { limit: 3, remaining: 0 } });
        expect(refused.left.reset).toBeGreaterThan(1);
        expect(refused.left.reset).toBeLessThanOrEqual(100);
        expect(refused.headers['retry-after']).toBe(String(refused.left.reset));
      }
    }
    const metrics = await one.application.inject({ method: 'GET', url: '/metrics' });
    expect(metrics.body).toMatch(/tessera_quota_refused_total\{organisation="A@TesseraOrg"[^}]*\} 3/);
  });

  it('does not concern an organisation without one, whose answers say nothing of it', async () => {
    const answer = await stream(one, 400, 'B@TesseraOrg');
    expect(answer.status).toBe(207);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });

  it('is counted by each gateway for itself while Redis is away', async () => {
    expect(await stream(withoutRedis, 300)).toMatchObject({
      status: 207,
      left: { limit: 3, remaining: 0, reset: 100 },
    });
    expect(await stream(withoutRedis, 1)).toMatchObject({ status: 429, left: { limit: 3, remaining: 0 } });
  });

  it('is told in whole seconds, rounded up', () => {
    const budget = { granted: true, limit: 10, remaining: 4, reset: 1_001, shared: true };
    expect(quotaHeaders(budget)).toEqual({
      'ratelimit-limit': '10',
      'ratelimit-remaining': '4',
      'ratelimit-reset': '2',
      'ratelimit-policy': '10;w=1',
    });
  });
});
