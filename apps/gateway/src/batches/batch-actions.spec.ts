import { JobStore, type BatchStatus } from '@tessera/stores';
import { CATALOG, elsewhere, IMPORT, moveTo, startBatchGateway, tenant, type BatchGateway } from './batches.fixture.js';

const anyStatus = ['loading', 'loaded', 'staged', 'success', 'failed', 'aborted', 'inactive'] as const;

let server: BatchGateway;
let jobs: JobStore;
let datasetId: string;
beforeAll(async () => {
  server = await startBatchGateway();
  jobs = new JobStore(server.database);
  datasetId = await server.newDataset();
});
afterAll(() => server.close());

const act = (id: string, action: string, headers = {}) =>
  server.send('POST', `${IMPORT}/${id}?action=${action}`, { headers });
const upload = (id: string, path = 'a', dataset = datasetId) =>
  server.send('PUT', `${IMPORT}/${id}/datasets/${dataset}/files/${path}`, { body: '{"a":1}\n' });
const show = async (id: string) => {
  const answer = await server.send('GET', `${CATALOG}/${id}`);
  return answer.body[id] as Record<string, unknown>;
};
const statusOf = async (id: string) => (await server.batches.find(tenant, id))?.status;
const uploadsOf = async (id: string) => (await server.storedFiles()).filter((name) => name.includes(`${id}/uploads/`));

describe('actions on a batch', () => {
  it('COMPLETE commissions its ingestion once, with the acceptance of all rows', async () => {
    const id = await server.newBatch(datasetId);
    for (const path of ['a', 'b']) await upload(id, path);
    const before = Date.now();
    expect(await act(id, 'complete')).toMatchObject({ status: 200, text: '{}' });
    const batch = await server.batches.find(tenant, id);
    expect(batch).toMatchObject({ status: 'loaded', version: 2, metrics: { inputByteSize: 16 } });
    expect(batch?.completedAt).toBeGreaterThanOrEqual(before);
    const job = await jobs.find(tenant, `batch-${id}`);
    expect(job).toMatchObject({ type: 'INGEST_BATCH', status: 'NEW', properties: { batchId: id } });
    expect(await jobs.unpublished(['INGEST_BATCH'], Date.now() + 1, 100)).toEqual([]);
    expect(await act(id, 'COMPLETE', { 'content-type': 'text/plain' })).toMatchObject({ status: 200, text: '{}' });
    expect(await server.batches.find(tenant, id)).toEqual(batch);
    for (const status of ['staged', 'success', 'failed', 'inactive'] as const) {
      await moveTo(server.batches, id, status);
      expect(await act(id, 'Complete')).toMatchObject({ status: 200 });
      expect(await statusOf(id)).toBe(status);
    }
    expect(await show(id)).toMatchObject({ loaded: batch?.completedAt });
  });

  it('COMPLETE waits for files that are still open', async () => {
    const id = await server.newBatch(datasetId);
    const file = `${IMPORT}/${id}/datasets/${datasetId}/files/parts/f`;
    await server.send('POST', `${file}?action=INITIALIZE`);
    const early = await act(id, 'COMPLETE');
    expect(early).toMatchObject({ status: 409, body: { code: 'TSR-BAT-2409' } });
    expect(early.body['detail']).toContain('parts/f');
    expect(await statusOf(id)).toBe('loading');
    await server.send('POST', `${file}?action=COMPLETE`);
    expect(await act(id, 'COMPLETE')).toMatchObject({ status: 200 });
  });

  it('COMPLETE of a batch that was given up says so, whatever became of its files', async () => {
    const id = await server.newBatch(datasetId);
    await server.send('POST', `${IMPORT}/${id}/datasets/${datasetId}/files/open?action=INITIALIZE`);
    await act(id, 'ABORT');
    const late = await act(id, 'COMPLETE');
    expect(late).toMatchObject({ status: 409, body: { detail: expect.stringContaining('aborted') as string } });
  });

  it('COMPLETE that does not reach the broker is told, and done when it is repeated', async () => {
    const id = await server.newBatch(datasetId);
    await upload(id);
    const cut = await startBatchGateway({
      MONGODB_DATABASE: server.databaseName,
      KAFKA_BROKERS: '127.0.0.1:1',
      DEPENDENCY_TIMEOUT_MS: '300',
    });
    const refused = await cut.send('POST', `${IMPORT}/${id}?action=COMPLETE`);
    await cut.close();
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await jobs.unpublished(['INGEST_BATCH'], Date.now() + 1, 100)).toMatchObject([{ id: `batch-${id}` }]);
    expect(await act(id, 'COMPLETE')).toMatchObject({ status: 200 });
    expect(await jobs.unpublished(['INGEST_BATCH'], Date.now() + 1, 100)).toEqual([]);
  });

  it.each([
    ['COMPLETE', [], ['loading']],
    ['ABORT', ['aborted'], ['loading', 'loaded', 'staged', 'aborted']],
    ['FAIL', ['failed'], ['loading', 'loaded', 'staged', 'failed']],
    ['REVERT', ['inactive'], ['success', 'inactive']],
  ] as const)('%s is possible in its statuses only', async (action, ends, possible) => {
    for (const status of anyStatus) {
      const id = await server.newBatch(datasetId);
      await upload(id);
      await moveTo(server.batches, id, status);
      const answer = await act(id, action);
      const isPossible = (possible as readonly BatchStatus[]).includes(status);
      // A batch that was moved on without ever being completed has nothing to complete, but a job may be missing.
      const isRepeated = action === 'COMPLETE' && (status === 'loaded' || status === 'staged');
      expect({ status, answer: answer.status }).toEqual({ status, answer: isPossible || isRepeated ? 200 : 409 });
      if (!isPossible && !isRepeated) expect(answer.body['code']).toBe('TSR-BAT-1409');
      const [end = action === 'COMPLETE' && status === 'loading' ? 'loaded' : status] = isPossible ? ends : [];
      expect(await statusOf(id)).toBe(end);
      expect(await uploadsOf(id)).toHaveLength(isPossible && action !== 'COMPLETE' ? 0 : 1);
      const { version } = (await server.batches.find(tenant, id)) ?? {};
      if (isPossible) expect(await act(id, action)).toMatchObject({ status: 200 });
      expect((await server.batches.find(tenant, id))?.version).toBe(version);
    }
  });

  it('FAIL says why, ABORT and FAIL end it, REVERT commissions the removal of its rows', async () => {
    const [failed, reverted] = [await server.newBatch(datasetId), await server.newBatch(datasetId)];
    await act(failed, 'FAIL');
    expect(await show(failed)).toMatchObject({
      status: 'failed',
      completed: expect.any(Number) as number,
      errors: [{ code: 'failed-by-client' }],
      version: '1.0.1',
    });
    await moveTo(server.batches, reverted, 'success');
    await act(reverted, 'REVERT');
    expect(await jobs.find(tenant, `revert-${reverted}`)).toMatchObject({
      type: 'REVERT_BATCH',
      properties: { batchId: reverted },
      requestedBy: 'everything',
    });
  });

  it('are refused when they are none, and unknown for batches of others', async () => {
    const id = await server.newBatch(datasetId);
    expect(await act(id, 'EXPLODE')).toMatchObject({ status: 400, body: { errors: [{ path: '/action' }] } });
    expect(await server.send('POST', `${IMPORT}/${id}`)).toMatchObject({ status: 400 });
    for (const action of ['COMPLETE', 'ABORT', 'FAIL', 'REVERT']) {
      expect(await act(id, action, elsewhere)).toMatchObject({ status: 404, body: { code: 'TSR-BAT-0404' } });
      expect(await act('none', action)).toMatchObject({ status: 404 });
    }
    expect(await statusOf(id)).toBe('loading');
  });

  it('of many at the same time have one outcome', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await server.newBatch(datasetId);
      const answers = await Promise.all(
        ['COMPLETE', 'ABORT', 'FAIL', 'COMPLETE', 'ABORT'].map((action) => act(id, action)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect(['aborted', 'failed']).toContain(await statusOf(id));
    }
  });
});
