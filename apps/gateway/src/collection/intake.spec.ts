import { eventually, uniqueTopicPrefix } from '@tessera/testing';
import { startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';
import { createInlet, streamInto, type Inlet } from '../fixtures/streaming.fixture.js';

/** Real: the gateway, MongoDB and Kafka. That intake follows the workers' backlog is tested end to end. */
describe('intake', () => {
  const BOUND = 10;
  let gateway: TestGateway;
  let inlet: Inlet;

  beforeAll(async () => {
    gateway = await startGateway({
      INGEST_MAX_IN_FLIGHT: String(BOUND),
      STREAMING_MAX_BATCH_RECORDS: String(BOUND),
    });
    await untilReady(gateway);
    inlet = await createInlet(gateway);
  });
  afterAll(() => gateway.close());

  it('asks clients to wait past the records in flight, and counts everything it took and nothing else', async () => {
    let taken = 0;
    const refused = await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => streamInto(gateway, inlet, BOUND)));
      taken += answers.filter(({ statusCode }) => statusCode === 207).length * BOUND;
      expect(answers.every(({ statusCode }) => statusCode === 207 || statusCode === 429)).toBe(true);
      const found = answers.find(({ statusCode }) => statusCode === 429);
      expect(found).toBeDefined();
      return found;
    });
    expect(refused?.headers['retry-after']).toBe('1');
    expect(refused?.json()).toMatchObject({ code: 'TSR-GEN-0429', report: { message: expect.any(String) as string } });

    expect((await streamInto(gateway, inlet, BOUND)).statusCode).toBe(207);
    const { body } = await gateway.application.inject({ method: 'GET', url: '/metrics' });
    const value = (name: string) => Number(new RegExp(`^${name}[^\\n]* (\\d+)$`, 'm').exec(body)?.[1]);
    expect(value('tessera_accepted_total\\{')).toBe(taken + BOUND);
    expect(value('tessera_accepting')).toBe(0);
  });

  it('charges no quota for what it has no room for', async () => {
    const limited = await startGateway({
      INGEST_MAX_BACKLOG: '1',
      QUOTA_RECORDS_PER_SECOND: '1',
      REDIS_PREFIX: uniqueTopicPrefix(),
    });
    try {
      await untilReady(limited);
      const own = await createInlet(limited);
      expect((await streamInto(limited, own, 2)).statusCode).toBe(207); // No worker takes them from the topic.
      const refusal = async (records: number) =>
        (await streamInto(limited, own, records)).json<{ code?: string }>().code;
      await eventually(async () => expect(await refusal(1)).toBe('TSR-GEN-0429'));
      // Each would be worth a minute of the quota.
      expect([await refusal(60), await refusal(60)]).toEqual(['TSR-GEN-0429', 'TSR-GEN-0429']);
    } finally {
      await limited.close();
    }
  });
});
