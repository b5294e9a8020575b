import { eventually } from '@tessera/testing';
import { builtInSchemas } from '../client/record-message.js';
import { TesseraClient } from '../client/tessera-client.js';
import { BatchClient } from './batch-client.fixture.js';
import { deletionBench, JOBS } from './deletions.fixture.js';

/** Real: every service as a process, Kafka, MongoDB, Redis, files. */
describe('deletions', () => {
  let bench: Awaited<ReturnType<typeof deletionBench>>;

  beforeAll(async () => {
    bench = await deletionBench();
  }, 90_000);
  afterAll(() => bench?.stop(), 60_000);

  it('fail, and say so, when a scan finds what the removal overlooked', async () => {
    const dataSet = await bench.client.createDataSet('planted', builtInSchemas.profile);
    // No id that a fragment of the dataset would have, so nothing that goes by ids finds it.
    const any = { tenant: `${bench.client.organisation}/prod`, xid: 'x', version: 'v', age: 1, body: '{}' };
    await bench.db
      .collection<{ _id: string; datasetId: string; acceptedAt: number }>('fragments')
      .insertOne({ ...any, _id: 'planted', datasetId: dataSet.id, acceptedAt: 1 });
    const { id } = await bench.request({ dataSetId: dataSet.id });
    expect(await bench.ended(id)).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('fragments 1') as string,
    });
    const receipt = await bench.receipt(id);
    expect([receipt.verification.clean, receipt.stores['fragments']]).toEqual([false, { removed: 0, remaining: 1 }]);
    await bench.db.collection<{ _id: string }>('fragments').deleteOne({ _id: 'planted' });
    const again = await bench.request({ dataSetId: dataSet.id });
    expect(await bench.ended(again.id)).toMatchObject({ status: 'SUCCESS' });
  }, 90_000);

  it('of a dataset that leaves the catalogue take its batches and their files along', async () => {
    const dataSet = await bench.client.createDataSet('uploads', builtInSchemas.event);
    const batches = new BatchClient(bench.client);
    const row = {
      _id: 'u1',
      timestamp: '2026-02-02T00:00:00Z',
      identityMap: { WAID: [{ id: 'upload', primary: true }] },
    };
    const rows = [JSON.stringify(row), JSON.stringify({ ...row, timestamp: 'never' })].join('\n');
    const tolerant = { partialIngestionPercent: 60, enableErrorDiagnostics: true };
    const done = await batches.send(dataSet, { format: 'json' }, [rows], tolerant);
    await batches.ended(done, 'success');
    await bench.quiet();
    expect((await bench.lookup('WAID', 'upload')).status).toBe(200);
    expect((await bench.files()).filter((path) => path.includes(done)).length).toBeGreaterThanOrEqual(2);
    await bench.client.expect({ method: 'DELETE', path: `/data/foundation/catalog/dataSets/${dataSet.id}` });
    const [job] = await bench.jobs();
    expect(await bench.ended(job?.id ?? '')).toMatchObject({ requestType: 'TRUNCATE_DATASET', status: 'SUCCESS' });
    expect((await bench.receipt(job?.id ?? '')).stores).toMatchObject({
      events: { removed: 1, remaining: 0 },
      batchFiles: { removed: 1, remaining: 0 },
      identities: { removed: 1, remaining: 0 },
    });
    expect((await bench.lookup('WAID', 'upload')).status).toBe(404);
    expect((await bench.files()).filter((path) => path.includes(done))).toEqual([]);
    expect((await batches.state(done)).status).toBe('inactive');
  }, 90_000);

  it('that are taken back stop, and leave what they had not reached', async () => {
    const dataSet = await bench.client.createDataSet('spared', builtInSchemas.profile);
    const messages = Array.from({ length: 3_000 }, (_, n) =>
      bench.message(dataSet, { identityMap: { WAID: [{ id: `spared-${n}`, primary: true }] } }),
    );
    await bench.running.stream(messages, 200);
    await bench.quiet();
    const { id } = await bench.request({ dataSetId: dataSet.id });
    await bench.client.expect({ method: 'DELETE', path: `${JOBS}/${id}` });
    expect((await bench.client.send({ method: 'GET', path: `${JOBS}/${id}` })).status).toBe(404);
    const left = () => bench.db.collection('fragments').countDocuments({ datasetId: dataSet.id });
    let before = await left();
    await eventually(
      async () => {
        const now = await left();
        const isStill = now === before;
        before = now;
        if (!isStill) throw new Error(`still going: ${now}`);
      },
      { interval: 2_000, timeout: 30_000 },
    );
    expect(before).toBeGreaterThan(0);
    const again = await bench.request({ dataSetId: dataSet.id });
    expect(await bench.ended(again.id)).toMatchObject({ status: 'SUCCESS' });
    expect(await left()).toBe(0);
    // Also of those whom the first one had reached.
    expect((await bench.lookup('WAID', 'spared-0')).status).toBe(404);
    const identities = bench.db.collection('identities');
    expect(await identities.countDocuments({ 'members.id': { $regex: '^spared-' } })).toBe(0);
    expect(await bench.db.collection('deletion_touched').countDocuments()).toBe(0);
  }, 90_000);

  it('of a batch that are taken back midway let be seen what they had not reached', async () => {
    const dataSet = await bench.client.createDataSet('clicks', builtInSchemas.event);
    const batches = new BatchClient(bench.client);
    const rows = Array.from({ length: 3_000 }, (_, n) =>
      JSON.stringify({
        _id: `c${n}`,
        timestamp: '2026-02-02T00:00:00Z',
        identityMap: { WAID: [{ id: `clicks-${n}`, primary: true }] },
      }),
    );
    const batchId = await batches.send(dataSet, { format: 'json' }, [rows.join('\n')]);
    await batches.ended(batchId, 'success');
    await bench.quiet();
    const left = () => bench.db.collection('events').countDocuments({ batchId });
    const { id } = await bench.request({ batchId });
    await eventually(async () => expect(await left()).toBeLessThan(rows.length), { timeout: 30_000, interval: 10 });
    await bench.client.expect({ method: 'DELETE', path: `${JOBS}/${id}` });
    // Once the worker has looked after it.
    const abandoned = bench.db.collection('abandoned_deletions');
    await eventually(async () => expect(await abandoned.countDocuments()).toBe(0), { timeout: 60_000 });
    expect(await left()).toBeGreaterThan(0);
    expect((await batches.state(batchId)).status).toBe('success');
    const hidden = await bench.db.collection<{ hidden: string[] }>('hidden_batches').find().toArray();
    expect(hidden.flatMap((one) => one.hidden)).toEqual([]);
    const again = await bench.request({ batchId });
    expect(await bench.ended(again.id)).toMatchObject({ status: 'SUCCESS' });
    expect(await left()).toBe(0);
  }, 120_000);

  it('of a sandbox free its name without anything of it coming back', async () => {
    const SANDBOXES = '/data/foundation/sandbox-management/sandboxes';
    const create = () =>
      bench.client.send({
        method: 'POST',
        path: SANDBOXES,
        body: JSON.stringify({ name: 'dev', title: 'D', type: 'development' }),
      });
    expect((await create()).status).toBe(201);
    const dev = new TesseraClient({ url: bench.platform.gatewayUrl, sandbox: 'dev' });
    const dataSet = await dev.createDataSet('crm', builtInSchemas.profile);
    const inlet = await dev.createInlet('dev');
    const person = bench.message(dataSet, {
      identityMap: { Email: [{ id: 'dev@example.com', primary: true }] },
      crm: 'old',
    });
    await dev.streamBatch(inlet, [person]);
    await bench.quiet();
    expect((await bench.client.send({ method: 'DELETE', path: `${SANDBOXES}/dev` })).status).toBe(200);
    expect((await create()).status).toBe(409);
    const job = (await bench.jobs()).find(({ requestType }) => requestType === 'DELETE_SANDBOX');
    expect(await bench.ended(job?.id ?? '')).toMatchObject({ status: 'SUCCESS' });
    expect((await bench.receipt(job?.id ?? '')).stores['fragments']).toEqual({ removed: 1, remaining: 0 });
    expect((await create()).status).toBe(201);
    await bench.replayEverything();
    await bench.quiet();
    expect(await dev.profile({ namespace: 'Email', id: 'dev@example.com' })).toBeUndefined();
    const { datasets } = await dev.counters();
    expect(datasets).toEqual([
      expect.objectContaining({ datasetId: dataSet.id, applied: 1, deleted: 1, deadLettered: 0 }),
    ]);
    for (const name of ['fragments', 'identities', 'datasets', 'dead_letters']) {
      const tenant = `${bench.client.organisation}/dev`;
      expect([name, await bench.db.collection(name).countDocuments({ tenant })]).toEqual([name, 0]);
    }
    await dev.close();
  }, 120_000);
});
