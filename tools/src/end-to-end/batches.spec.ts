import { parquetWriteBuffer } from 'hyparquet-writer';
import { BatchWorkStore, Database } from '@tessera/stores';
import { deleteTestKeys, eventually, testServers } from '@tessera/testing';
import { BatchClient } from './batch-client.fixture.js';
import { randomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const LINES = { format: 'json' };

/** Real: every service as a process, Kafka, MongoDB, Redis, a folder of files. Workers are killed as a crash would. */
describe('a batch', () => {
  let running: RunningPlatform;
  let batches: BatchClient;
  let database: Database;
  let works: BatchWorkStore;
  let offered = 0;

  beforeAll(async () => {
    running = await runPlatform({ environment: { JOB_LOCK_MS: '2000' } });
    batches = new BatchClient(running.client);
    database = Database.create({ uri: testServers().mongodbUri, name: running.database });
    await database.connect();
    works = new BatchWorkStore(database);
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await running?.stop();
  }, 60_000);

  const person = (id: string, firstName: string) => ({
    identityMap: { Email: [{ id: `${id}@example.com`, primary: true }, { id: `${id}@work.example.com` }] },
    person: { name: { firstName } },
  });
  const purchase = (id: number, owner: string) => ({
    _id: `purchase-${id}`,
    timestamp: new Date(1_700_000_000_000 + id).toISOString(),
    identityMap: { Email: [{ id: `${owner}@example.com`, primary: true }] },
    price: id,
  });
  const lines = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n');
  const firstName = async (id: string) =>
    (await running.client.profile({ namespace: 'email', id }))?.entity['person'] as
      { name?: { firstName?: string } } | undefined;
  const events = async (owner: string) =>
    (await running.client.events({ namespace: 'email', id: `${owner}@example.com` })).children;
  const progress = async (id: string) => {
    const files = await works.list({ organisation: running.client.organisation, sandbox: running.client.sandbox }, id);
    return files.reduce((rows, { checked, applied }) => rows + checked.next + applied.next, 0);
  };
  const counted = async (dataSetId: string) =>
    (await running.client.counters()).datasets.find(({ datasetId }) => datasetId === dataSetId);

  it('of JSON lines, CSV or Parquet is what lookups answer with, under every identity of its rows', async () => {
    const csv = [
      'identityMap.Email[0].id,identityMap.Email[0].primary,identityMap.Email[1].id,person.name.firstName',
      'csv@example.com,true,csv@work.example.com,"Grace ""Amazing"" Hopper"',
    ].join('\r\n');
    const row = person('parquet', 'Mary');
    const parquet = parquetWriteBuffer({
      columnData: Object.entries(row).map(([name, value]) => ({ name, data: [value], type: 'JSON' as const })),
    });
    const ids = await Promise.all([
      batches.send(running.people, LINES, [lines([person('json', 'Ada'), person('other', 'Ida')])]),
      batches.send(running.people, { format: 'csv' }, [csv]),
      batches.send(running.people, { format: 'parquet' }, [Buffer.from(parquet)]),
    ]);
    offered += 4;
    for (const id of ids) expect((await batches.ended(id, 'success')).metrics.failedRecordCount).toBe(0);
    await running.settled(offered);
    for (const [id, name] of [
      ['json', 'Ada'],
      ['csv', 'Grace "Amazing" Hopper'],
      ['parquet', 'Mary'],
    ] as const) {
      expect(await firstName(`${id}@work.example.com`)).toEqual({ name: { firstName: name } });
    }
  }, 120_000);

  it('with too many bad rows leaves nothing visible, and its bad rows can be fetched', async () => {
    const rows = [...Array.from({ length: 20 }, (_, index) => purchase(index, 'refused')), { _id: 'no time' }];
    const id = await batches.send(running.purchases, LINES, [lines(rows)], {
      partialIngestionPercent: 4,
      enableErrorDiagnostics: true,
    });
    const failed = await batches.ended(id, 'failed');
    expect(failed.metrics).toMatchObject({ inputRecordCount: 21, outputRecordCount: 0, failedRecordCount: 1 });
    expect(await events('refused')).toEqual([]);
    const path = `/data/foundation/export/batches/${id}/failed`;
    const answer = await running.client.send({ method: 'GET', path });
    expect(answer.status).toBe(200);
    await running.settled(offered);
  }, 120_000);

  it('has every row applied once although its worker is killed at ten random moments and Redis forgets everything', async () => {
    const random = randomNumbers(11);
    const ROWS = 6_000;
    const KILLS = 10;
    const dataSet = await running.client.createDataSet('much', running.purchases.schemaId);
    const files = [0, 1].map((file) =>
      lines(Array.from({ length: ROWS }, (_, row) => purchase(file * ROWS + row, `much${row % 100}`))),
    );
    const [worker] = running.platform.instances('ingestion-worker');
    if (!worker) throw new Error('the worker is missing');
    const id = await batches.send(dataSet, LINES, files);
    // Rows are gone through twice: once to check them, once to apply them.
    const moments = Array.from({ length: KILLS }, () => random.below(ROWS * 4 * 0.95)).sort((a, b) => a - b);
    for (const [kill, moment] of moments.entries()) {
      await eventually(async () => expect(await progress(id)).toBeGreaterThanOrEqual(moment), { timeout: 60_000 });
      await worker.kill();
      if (kill === 4) await deleteTestKeys(testServers().redisUrl, running.topicPrefix);
      await worker.start();
    }
    const { metrics } = await batches.ended(id, 'success');
    expect(metrics).toMatchObject({ inputRecordCount: 2 * ROWS, outputRecordCount: 2 * ROWS, failedRecordCount: 0 });
    offered += 2 * ROWS;
    await running.settled(offered);
    expect(await counted(dataSet.id)).toMatchObject({ applied: 2 * ROWS, stored: 2 * ROWS, duplicate: 0 });
    for (let owner = 0; owner < 100; owner += 1) {
      const seen = (await events(`much${owner}`)).map(({ entity }) => entity['_id']);
      expect(new Set(seen).size).toBe((2 * ROWS) / 100);
      expect(seen).toHaveLength((2 * ROWS) / 100);
    }
  }, 300_000);

  it('that is given up while it is applied leaves nothing', async () => {
    const dataSet = await running.client.createDataSet('given up', running.purchases.schemaId);
    const rows = Array.from({ length: 20_000 }, (_, row) => purchase(row, `gone${row % 10}`));
    const id = await batches.send(dataSet, LINES, [lines(rows)]);
    await eventually(async () => expect(await progress(id)).toBeGreaterThan(20_000), { timeout: 60_000, interval: 10 });
    await batches.act(id, 'ABORT');
    await batches.ended(id, 'aborted');
    await eventually(
      async () => {
        for (let owner = 0; owner < 10; owner += 1) expect(await events(`gone${owner}`)).toEqual([]);
      },
      { timeout: 60_000 },
    );
  }, 180_000);

  it('that is taken back is gone with what it said about who is who', async () => {
    const id = await batches.send(running.people, LINES, [lines([person('back', 'Eve')])]);
    await batches.ended(id, 'success');
    const both = async (address: string) => running.client.profile({ namespace: 'email', id: address });
    await eventually(async () => expect((await both('back@work.example.com'))?.entity['person']).toBeDefined());
    await batches.act(id, 'REVERT');
    await eventually(
      async () => {
        expect((await batches.state(id)).status).toBe('inactive');
        expect((await both('back@example.com'))?.entity['person']).toBeUndefined();
        const identities = JSON.stringify((await both('back@work.example.com'))?.entity ?? {});
        expect(identities).not.toContain('back@example.com');
      },
      { timeout: 60_000 },
    );
  }, 120_000);
});
