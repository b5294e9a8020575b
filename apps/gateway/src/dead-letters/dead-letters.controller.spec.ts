import { Database, DeadLetterStore, deadLetterId, Ledger, type DeadLetterDocument } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { startGateway, type TestGateway } from '../fixtures/gateway.fixture.js';

const DEAD_LETTERS = '/data/core/ups/ops/deadLetters';

/** Real: the gateway, MongoDB and Kafka. */
describe('what operators see of records', () => {
  const { mongodbUri } = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri: mongodbUri, name });
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ MONGODB_DATABASE: name });
    await new DeadLetterStore(database).put([
      deadLetter(1, '{"header":'),
      deadLetter(2, '{"a":1}'),
      deadLetter(3, '\xff'),
    ]);
    await new Ledger(database).record('records', [
      entry(0, { kind: 'applied', effect: 'stored' }),
      entry(1, { kind: 'applied', effect: 'superseded' }),
      entry(2, { kind: 'duplicate' }),
      entry(3, { kind: 'dead-letter', reason: 'too-deep', faults: [] }),
    ]);
  });
  afterAll(async () => {
    await gateway.close();
    await database.close();
    await dropTestDatabase(mongodbUri, name);
  });

  function entry(offset: number, outcome: Parameters<Ledger['record']>[1][number]['outcome']) {
    return { tenant: 'A@TesseraOrg/prod', datasetId: 'd1', partition: 0, offset, outcome };
  }

  function deadLetter(offset: number, record: string): DeadLetterDocument {
    const source = { topic: 'records', partition: 0, offset };
    const at = new Date(1_700_000_000_000 + offset);
    return {
      _id: deadLetterId(source, offset),
      tenant: 'A@TesseraOrg/prod',
      datasetId: 'd1',
      reason: offset === 1 ? 'malformed-message' : 'too-deep',
      faults: [{ path: '/a', message: 'is wrong' }],
      record: Buffer.from(record, 'latin1'),
      headers: [{ name: 'stamp', value: `${at.getTime()} p1 t${offset} r${offset}` }],
      source,
      acceptedAt: at,
      firstAttempt: at,
      lastAttempt: at,
      attempts: 1,
      expireAt: new Date(Date.now() + 86_400_000),
    };
  }

  async function get<Body>(url: string): Promise<{ readonly status: number; readonly body: Body }> {
    const answer = await gateway.application.inject({ method: 'GET', url, headers: await gateway.headers() });
    return { status: answer.statusCode, body: answer.json<Body>() };
  }

  it('is every dead letter, newest first, with its record as it came', async () => {
    const { status, body } = await get<{ children: { xactionId: string; record: object }[] }>(DEAD_LETTERS);
    expect(status).toBe(200);
    expect(body).toMatchObject({ _page: { start: 0, limit: 20, count: 3, totalCount: 3 } });
    expect(body.children.map(({ xactionId, record }) => ({ xactionId, record }))).toEqual([
      { xactionId: 't3', record: { base64: '/w==' } },
      { xactionId: 't2', record: { json: { a: 1 } } },
      { xactionId: 't1', record: { text: '{"header":' } },
    ]);
  });

  it('is also one whose numbers or whose nesting JSON readers cannot keep, with its text', async () => {
    const [exact, deep] = ['{"n":9007199254740993}', `${'['.repeat(60_000)}${']'.repeat(60_000)}`];
    const letters = [deadLetter(11, exact), deadLetter(12, deep)].map((letter) => ({ ...letter, datasetId: 'd2' }));
    await new DeadLetterStore(database).put(letters);
    const { status, body } = await get<{ children: { record: object }[] }>(`${DEAD_LETTERS}?datasetId=d2`);
    expect(status).toBe(200);
    expect(body.children.map(({ record }) => record)).toEqual([
      { text: deep },
      { json: { n: Number('9007199254740993') }, text: exact },
    ]);
    for (const { _id } of letters)
      expect(await new DeadLetterStore(database).delete({ organisation: 'A@TesseraOrg', sandbox: 'prod' }, _id)).toBe(
        true,
      );
  });

  it('is some of them by reason and time, page by page', async () => {
    const byReason = await get<{ children: unknown[] }>(`${DEAD_LETTERS}?reason=too-deep&limit=1&start=1`);
    expect(byReason.body).toMatchObject({ _page: { count: 1, totalCount: 2 }, children: [{ xactionId: 't2' }] });
    const since = new Date(1_700_000_000_003).toISOString();
    expect((await get<{ children: unknown[] }>(`${DEAD_LETTERS}?from=${since}`)).body.children).toHaveLength(1);
    expect((await get(`${DEAD_LETTERS}?reason=none-such`)).status).toBe(400);
    expect((await get(`${DEAD_LETTERS}?limit=0`)).status).toBe(400);
  });

  it('is one of them by its id, and nobody else’s', async () => {
    const id = deadLetterId({ topic: 'records', partition: 0, offset: 2 }, 2);
    expect(await get(`${DEAD_LETTERS}/${id}`)).toMatchObject({ status: 200, body: { id, requestId: 'r2' } });
    expect((await get(`${DEAD_LETTERS}/unknown`)).status).toBe(404);
    const headers = await gateway.headers({ 'x-gw-ims-org-id': 'B@TesseraOrg' });
    const foreign = await gateway.application.inject({ method: 'GET', url: `${DEAD_LETTERS}/${id}`, headers });
    expect(foreign.statusCode).toBe(404);
  });

  it('is what became of every record, in sums that add up', async () => {
    const { body } = await get('/data/core/ups/ops/counters');
    const counts = { applied: 2, stored: 1, superseded: 1, notEnabled: 0, duplicate: 1, replayed: 0, deadLettered: 1 };
    expect(body).toMatchObject({ datasets: [{ datasetId: 'd1', ...counts }], totals: counts });
  });
});
