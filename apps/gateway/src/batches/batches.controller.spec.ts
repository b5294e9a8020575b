import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { batchObjects, createObjectStorage } from '@tessera/object-storage';
import type { Batch } from '@tessera/stores';
import {
  CATALOG,
  elsewhere,
  EXPORT,
  IMPORT,
  moveTo,
  startBatchGateway,
  tenant,
  type BatchGateway,
} from './batches.fixture.js';

let server: BatchGateway;
let datasetId: string;
beforeAll(async () => {
  server = await startBatchGateway();
  datasetId = await server.newDataset();
});
afterAll(() => server.close());

const create = (body: object, headers = {}) => server.send('POST', IMPORT, { body, headers });
const upload = (id: string, path = 'a', dataset = datasetId) =>
  server.send('PUT', `${IMPORT}/${id}/datasets/${dataset}/files/${path}`, { body: '{"a":1}\n' });
const show = async (id: string) => {
  const answer = await server.send('GET', `${CATALOG}/${id}`);
  return answer.body[id] as Record<string, unknown>;
};

describe('creating a batch', () => {
  it('answers with the batch, ready to take files', async () => {
    const tags = JSON.parse('{"source":["till"],"__proto__":["data"]}') as object;
    const given = { datasetId, inputFormat: { format: 'json', isMultiLineJson: true }, externalId: 'mine-1', tags };
    const answer = await create({ ...given, enableErrorDiagnostics: true, partialIngestionPercentage: 5 });
    expect(answer.status).toBe(201);
    const { id, created } = answer.body as { id: string; created: number };
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(answer.body).toEqual({
      id,
      imsOrg: 'A@TesseraOrg',
      sandboxId: expect.any(String) as string,
      status: 'loading',
      externalId: 'mine-1',
      created,
      updated: created,
      relatedObjects: [{ type: 'dataSet', id: datasetId }],
      inputFormat: given.inputFormat,
      version: '1.0.0',
      tags,
      enableErrorDiagnostics: true,
      partialIngestionPercent: 5,
      metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 0 },
      errors: [],
      createdUser: 'everything',
      updatedUser: 'everything',
    });
    expect(answer.text).toContain('"__proto__":["data"]');
    expect({ id, ...(await show(id)) }).toEqual(answer.body);
  });

  it('tells every fault of a body', async () => {
    const answer = await create({ inputFormat: { format: 'xml' }, partialIngestionPercent: 101, tags: { a: 'b' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    const paths = (answer.body['errors'] as { path: string }[]).map(({ path }) => path).sort();
    expect(paths).toEqual(['/datasetId', '/inputFormat/format', '/partialIngestionPercent', '/tags/a']);
  });

  it('knows only datasets of the sandbox', async () => {
    const inputFormat = { format: 'csv' };
    const unknown = { status: 404, body: { code: 'TSR-CAT-0404' } };
    expect(await create({ datasetId: '0'.repeat(24), inputFormat })).toMatchObject(unknown);
    expect(await create({ datasetId, inputFormat }, elsewhere)).toMatchObject(unknown);
  });

  it('refuses an externalId that the sandbox has, and no other sandbox minds', async () => {
    const body = { datasetId, inputFormat: { format: 'parquet' }, externalId: 'twice' };
    expect(await create(body)).toMatchObject({ status: 201 });
    expect(await create(body)).toMatchObject({ status: 409, body: { code: 'TSR-BAT-0409' } });
    const other = await server.newDataset('record', elsewhere);
    expect(await create({ ...body, datasetId: other }, elsewhere)).toMatchObject({ status: 201 });
    const without = { datasetId, inputFormat: { format: 'parquet' } };
    expect((await Promise.all([create(without), create(without)])).map(({ status }) => status)).toEqual([201, 201]);
  });

  it('replaces only successful batches of the same dataset of events', async () => {
    const events = await server.newDataset('time-series');
    const [done, loading, foreign] = [
      await server.newBatch(events),
      await server.newBatch(events),
      await server.newBatch(await server.newDataset('time-series')),
    ];
    for (const id of [done, foreign]) await moveTo(server.batches, id, 'success');
    const wanted = (predecessors: string[], dataset = events) =>
      create({ datasetId: dataset, inputFormat: { format: 'json' }, replay: { predecessors, reason: 'replace' } });
    const replaced = await wanted([done, done]);
    expect(replaced).toMatchObject({ status: 201, body: { replay: { predecessors: [done], reason: 'replace' } } });
    const faulty = await wanted([done, loading, foreign, 'none']);
    expect(faulty).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    const paths = (faulty.body['errors'] as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual([1, 2, 3].map((index) => `/replay/predecessors/${index}`));
    expect(await wanted([done], datasetId)).toMatchObject({ status: 400, body: { errors: [{ path: '/replay' }] } });
    expect(await wanted([])).toMatchObject({ status: 400 });
    const successor = await server.batches.find(tenant, String(replaced.body['id']));
    await server.batches.claimPredecessors(successor as Batch);
    const late = await wanted([done]);
    expect(late).toMatchObject({ status: 400, body: { errors: [{ path: '/replay/predecessors/0' }] } });
  });

  it('needs the scope ingest', async () => {
    const { status, body } = await server.send('POST', IMPORT, { body: {}, headers: { authorization: 'Bearer x' } });
    expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'TSR-AUT-1401' });
  });
});

describe('the catalogue of batches', () => {
  it('lists batches by dataset, status and time, newest first, page by page', async () => {
    const own = await server.newDataset();
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) ids.push(await server.newBatch(own));
    const [first = '', second = '', third = '', fourth = ''] = ids;
    await moveTo(server.batches, second, 'success');
    await moveTo(server.batches, third, 'failed');
    const listed = async (query: string) => {
      const answer = await server.send('GET', `${CATALOG}?dataSet=${own}${query}`);
      expect(answer.status).toBe(200);
      return Object.keys(answer.body);
    };
    const all = await listed('');
    const times = new Map(
      await Promise.all(ids.map(async (id) => [id, (await show(id))['created'] as number] as const)),
    );
    expect([...all].sort()).toEqual([...ids].sort());
    expect(all.map((id) => times.get(id))).toEqual([...times.values()].sort((a, b) => b - a));
    expect(await listed('&orderBy=asc:created')).toEqual([...all].reverse());
    expect([...(await listed('&limit=3')), ...(await listed('&limit=3&start=3'))]).toEqual(all);
    expect(await listed('&status=success')).toEqual([second]);
    expect((await listed('&status=SUCCESS,failed')).sort()).toEqual([second, third].sort());
    const threshold = times.get(first) ?? 0;
    expect((await listed(`&createdAfter=${threshold}`)).sort()).toEqual(
      ids.filter((id) => (times.get(id) ?? 0) > threshold).sort(),
    );
    expect(await listed(`&createdBefore=${threshold}`)).toEqual([]);
    expect(await listed(`&createdAfter=${times.get(fourth)}`)).toEqual([]);
    for (const query of ['&status=none', '&limit=0', '&limit=1001', '&orderBy=name', '&createdAfter=soon']) {
      expect((await server.send('GET', `${CATALOG}?dataSet=${own}${query}`)).status).toBe(400);
    }
    const foreign = await server.send('GET', `${CATALOG}?dataSet=${own}`, { headers: elsewhere });
    expect(foreign).toMatchObject({ status: 200, text: '{}' });
    for (const id of [first, 'none', '__proto__']) {
      const headers = id === first ? elsewhere : {};
      expect(await server.send('GET', `${CATALOG}/${id}`, { headers })).toMatchObject({ status: 404 });
    }
  });
});

describe('downloads of a batch', () => {
  it('are its bad rows with their reasons, listed and as they were written', async () => {
    const id = await server.newBatch(datasetId, { enableErrorDiagnostics: true });
    expect((await server.send('GET', `${EXPORT}/${id}/failed`)).body).toEqual({
      data: [],
      _page: { start: 0, limit: 100, count: 0 },
    });
    const storage = createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(server.folder).href });
    const lines = '{"a":"x","_errors":[{"code":"too-deep","path":"/a","message":"nests too deep"}]}\n';
    await storage.put(batchObjects(tenant, id).rowErrorsPart('part-0.json'), Readable.from([Buffer.from(lines)]));
    const base = `http://127.0.0.1:${server.port}${EXPORT}/${id}`;
    for (const [list, path] of [
      ['failed', 'part-0.json'],
      ['meta', 'row_errors/part-0.json'],
    ] as const) {
      const query = list === 'meta' ? '?path=row_errors' : '';
      const href = `${base}/${list}?path=${encodeURIComponent(path)}`;
      const data = [{ name: path.split('/').at(-1), length: String(lines.length), _links: { self: { href } } }];
      const listed = await server.send('GET', `${EXPORT}/${id}/${list}${query}`);
      expect(listed).toMatchObject({ status: 200, body: { data } });
      const downloaded = await server.send('GET', href.slice(href.indexOf('/data')));
      expect(downloaded).toMatchObject({ status: 200, text: lines });
      expect(downloaded.headers).toMatchObject({
        'content-type': 'application/x-ndjson',
        'content-length': String(lines.length),
      });
      const url = `${EXPORT}/${id}/${list}${query}`;
      expect(await server.send('GET', url, { headers: elsewhere })).toMatchObject({ status: 404 });
    }
  });

  it('begin with what there is about the batch', async () => {
    const id = await server.newBatch(datasetId, { enableErrorDiagnostics: true });
    const url = `${EXPORT}/${id}/meta`;
    const none = await server.send('GET', url);
    expect(none).toMatchObject({ status: 200, body: { data: [], _page: { count: 0 } } });
    const storage = createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(server.folder).href });
    for (const name of ['part-0.json', 'part-1.json']) {
      await storage.put(batchObjects(tenant, id).rowErrorsPart(name), Readable.from([Buffer.from('{}\n')]));
    }
    const { status, body } = await server.send('GET', url);
    const href = `http://127.0.0.1:${server.port}${url}?path=row_errors`;
    const data = [{ name: 'row_errors', length: '6', _links: { self: { href } } }];
    expect({ status, body }).toMatchObject({ status: 200, body: { data, _page: { count: 1 } } });
    const below = await server.send('GET', href.slice(href.indexOf('/data')));
    expect(below.body['data']).toMatchObject([{ name: 'part-0.json' }, { name: 'part-1.json' }]);
    const second = await server.send('GET', `${EXPORT}/${id}/failed?start=1&limit=1`);
    expect(second.body).toMatchObject({ data: [{ name: 'part-1.json' }], _page: { start: 1, limit: 1, count: 1 } });
    expect(await server.send('GET', `${EXPORT}/${id}/failed?limit=0`)).toMatchObject({ status: 400 });
    expect(await server.send('GET', url, { headers: elsewhere })).toMatchObject({ status: 404 });
  });

  it('are nothing else of the store', async () => {
    const id = await server.newBatch(datasetId);
    await upload(id);
    const paths = [
      '../uploads',
      '..%2F..%2F..',
      '%2Fetc%2Fpasswd',
      '%00',
      '',
      '__proto__',
      'part-9.json',
      'row_errors%2F..',
    ];
    for (const path of paths) {
      for (const url of [`failed?path=${path}`, `meta?path=${path}`, `meta?path=row_errors/${path}`]) {
        const answer = await server.send('GET', `${EXPORT}/${id}/${url}`);
        const isList = url === 'meta?path=row_errors/';
        expect({ url, status: answer.status }).toEqual({ url, status: isList ? 200 : 404 });
      }
    }
  });

  it('list the files that were uploaded, in their order', async () => {
    const id = await server.newBatch(datasetId);
    for (const path of ['b', 'a/c', 'a/b']) await upload(id, path);
    const listed = await server.send('GET', `${EXPORT}/${id}/files?start=1&limit=1`);
    expect(listed).toMatchObject({ status: 200, body: { data: [{ name: 'a/c', length: '8' }], _page: { count: 1 } } });
    expect(await server.send('GET', `${EXPORT}/${id}/files`, { headers: elsewhere })).toMatchObject({ status: 404 });
  });
});
