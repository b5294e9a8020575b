import { createObjectStorage, exportObjects, type ObjectStorage } from '@tessera/object-storage';
import { pathToFileURL } from 'node:url';
import { BatchStore, ExportPublisher, JobStore, type Batch, type OutputFile } from '@tessera/stores';
import { elsewhere, EXPORT, startBatchGateway, tenant, type BatchGateway } from './batches.fixture.js';

const FILES = '/data/foundation/export/files';
const BATCH = '01OUTPUT000000000000000001';

let gateway: BatchGateway;
let datasetId: string;

beforeAll(async () => {
  gateway = await startBatchGateway();
  datasetId = await gateway.newDataset();
  await publish(BATCH, ['first', 'second']);
});
afterAll(() => gateway.close());

/** What an export worker does at the end. */
async function publish(batchId: string, contents: readonly string[]): Promise<void> {
  const jobId = `job-${batchId}`;
  const now = Date.now();
  const job = { id: jobId, type: 'EXPORT', properties: {}, requestedBy: 'me', requestId: 'r', createdAt: now } as const;
  await new JobStore(gateway.database).create(tenant, job);
  const storage = storageOf();
  const files: OutputFile[] = [];
  for (const [index, content] of contents.entries()) {
    const key = exportObjects(tenant, jobId).file(`${index}`);
    const size = await storage.put(key, chunks(content));
    files.push({ id: `${batchId}-${index}`, batchId, name: `part-${index}.json`, key, size, created: now });
  }
  const batch: Batch = {
    ...{ id: batchId, tenant, datasetId, behavior: 'record', status: 'success', inputFormat: { format: 'json' } },
    ...{ enableErrorDiagnostics: false, partialIngestionPercent: 0, created: now, updated: now, version: 1 },
    ...{ createdUser: 'me', updatedUser: 'me', requestId: 'r', errors: [] },
    metrics: { inputRecordCount: 0, outputRecordCount: 2, failedRecordCount: 0, inputByteSize: 0 },
  };
  const result = { profiles: 2, namespaces: new Map() };
  await new ExportPublisher(gateway.database).publish(tenant, {
    jobId,
    batches: [batch],
    files,
    result,
    fenceVersion: 0,
  });
}

function storageOf(): ObjectStorage {
  return createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(gateway.folder).href });
}

async function* chunks(content: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(content));
}

describe('files that the platform wrote', () => {
  it('are listed by their batch, page by page', async () => {
    const { status, body } = await gateway.send('GET', `${EXPORT}/${BATCH}/files`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: [
        { dataSetFileId: `${BATCH}-0`, dataSetViewId: datasetId, version: '1.0.0', isValid: true },
        { dataSetFileId: `${BATCH}-1` },
      ],
      _page: { limit: 100, count: 2 },
    });
    const [first] = body['data'] as { _links: { self: { href: string } } }[];
    const list = await gateway.send('GET', new URL(first?._links.self.href ?? '').pathname);
    expect(list.body).toMatchObject({ data: [{ name: 'part-0.json', length: '5' }], _page: { count: 1 } });
    const page = await gateway.send('GET', `${EXPORT}/${BATCH}/files?start=1&limit=1`);
    expect(page.body['data']).toMatchObject([{ dataSetFileId: `${BATCH}-1` }]);
  });

  it('are downloaded whole and in ranges', async () => {
    const path = `${FILES}/${BATCH}-1?path=part-1.json`;
    const whole = await gateway.send('GET', path);
    expect(whole).toMatchObject({ status: 200, text: 'second' });
    expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': '6' });
    const part = await gateway.send('GET', path, { headers: { range: 'bytes=1-3' } });
    expect(part).toMatchObject({ status: 206, text: 'eco' });
    expect(part.headers).toMatchObject({ 'content-range': 'bytes 1-3/6', 'content-length': '3' });
    const all = await gateway.send('GET', path, { headers: { range: 'bytes=0-' } });
    expect(all).toMatchObject({ status: 206, text: 'second', headers: { 'content-range': 'bytes 0-5/6' } });
  });

  it('are continued while they have the ETag that If-Range names, and begun anew otherwise', async () => {
    const path = `${FILES}/${BATCH}-1?path=part-1.json`;
    const { etag = '' } = (await gateway.send('GET', path)).headers as Record<string, string>;
    expect(etag).toMatch(/^"[^"]+"$/);
    const ranged = (condition: string) =>
      gateway.send('GET', path, { headers: { range: 'bytes=1-3', 'if-range': condition } });
    expect(await ranged(etag)).toMatchObject({ status: 206, text: 'eco', headers: { etag } });
    const { headers, ...anew } = await ranged('"another"');
    expect(anew).toMatchObject({ status: 200, text: 'second' });
    expect(headers).toMatchObject({ etag, 'content-length': '6' });
    expect(headers).not.toHaveProperty('content-range');
    const other = await gateway.send('HEAD', `${FILES}/${BATCH}-0?path=part-0.json`);
    expect(other.headers).toMatchObject({ etag: expect.not.stringMatching(etag) as string });
    expect((await gateway.send('HEAD', path)).headers).toMatchObject({ etag });
  });

  it('are not sent to whoever has them, as If-None-Match tells', async () => {
    const path = `${FILES}/${BATCH}-1?path=part-1.json`;
    const { etag = '' } = (await gateway.send('GET', path)).headers as Record<string, string>;
    const asked = (method: 'GET' | 'HEAD', known: string, range = {}) =>
      gateway.send(method, path, { headers: { 'if-none-match': known, ...range } });
    for (const method of ['GET', 'HEAD'] as const) {
      expect(await asked(method, `"another", ${etag}`)).toMatchObject({ status: 304, text: '', headers: { etag } });
      expect(await asked(method, '"another"')).toMatchObject({ status: 200, headers: { 'content-length': '6' } });
    }
    expect(await asked('GET', etag, { range: 'bytes=1-3' })).toMatchObject({ status: 304, text: '' });
    const gone = await gateway.send('GET', `${FILES}/${BATCH}-9?path=part-9.json`, {
      headers: { 'if-none-match': '*' },
    });
    expect(gone.status).toBe(404);
  });

  it('tell their length where a range has none of their bytes', async () => {
    const path = `${FILES}/${BATCH}-1?path=part-1.json`;
    const { status, body, headers } = await gateway.send('GET', path, { headers: { range: 'bytes=6-' } });
    expect({ status, body }).toMatchObject({ status: 416, body: { code: 'TSR-EXP-0416' } });
    expect(headers).toMatchObject({ 'content-range': 'bytes */6' });
  });

  it('tell their length and type', async () => {
    const { status, headers, text } = await gateway.send('HEAD', `${FILES}/${BATCH}-1?path=part-1.json`);
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '6',
      'content-type': 'application/x-ndjson',
    });
  });

  it('are unknown by any other name, and to others', async () => {
    for (const path of ['part-0.json', '../part-1.json', 'x']) {
      const answer = await gateway.send('GET', `${FILES}/${BATCH}-1?path=${encodeURIComponent(path)}`);
      expect(answer.body).toMatchObject({ status: 404, code: 'TSR-EXP-1404' });
    }
    expect((await gateway.send('GET', `${FILES}/none`)).status).toBe(404);
    expect((await gateway.send('GET', `${FILES}/${BATCH}-1`, { headers: elsewhere })).status).toBe(404);
    expect((await gateway.send('GET', `${EXPORT}/${BATCH}/files`, { headers: elsewhere })).status).toBe(404);
  });

  it('can no longer be read when their batch is taken back', async () => {
    const batchId = '01OUTPUT000000000000000002';
    await publish(batchId, ['gone']);
    const batches = new BatchStore(gateway.database);
    await batches.transition(tenant, batchId, ['success'], 'inactive', { requestId: 'r' });
    expect((await gateway.send('GET', `${EXPORT}/${batchId}/files`)).body['data']).toEqual([]);
    expect((await gateway.send('GET', `${FILES}/${batchId}-0?path=part-0.json`)).status).toBe(404);
  });

  it('are unknown, whichever way they are asked for, once their bytes are gone', async () => {
    const batchId = '01OUTPUT000000000000000003';
    await publish(batchId, ['lost']);
    const path = `${FILES}/${batchId}-0?path=part-0.json`;
    expect((await gateway.send('HEAD', path)).status).toBe(200);
    await storageOf().delete(exportObjects(tenant, `job-${batchId}`).file('0'));
    expect(await gateway.send('HEAD', path)).toMatchObject({ status: 404, text: '' });
    expect((await gateway.send('GET', path)).body).toMatchObject({ status: 404, code: 'TSR-EXP-1404' });
  });
});
