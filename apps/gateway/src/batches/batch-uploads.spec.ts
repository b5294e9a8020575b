import { once } from 'node:events';
import { readFile, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGzip } from 'node:zlib';
import { createObjectStorage, partedFile } from '@tessera/object-storage';
import { eventually } from '@tessera/testing';
import {
  elsewhere,
  IMPORT,
  moveTo,
  startBatchGateway,
  tenant,
  type BatchGateway,
  type Sent,
} from './batches.fixture.js';

const MEGABYTE = 1_000_000;
const MOST_BYTES = 70 * MEGABYTE;

/** Real: the gateway behind a socket, MongoDB, Kafka and a folder. */
describe('upload of files into a batch', () => {
  let server: BatchGateway;
  let datasetId: string;
  let batchId: string;
  beforeAll(async () => {
    server = await startBatchGateway({ BATCH_FILE_PART_MAX_BYTES: String(MOST_BYTES) });
    datasetId = await server.newDataset();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    batchId = await server.newBatch(datasetId);
  });

  const filesPath = (batch = batchId) => `${IMPORT}/${batch}/datasets/${datasetId}/files`;
  const put = (path: string, body: Sent['body'], headers: Sent['headers'] = {}) =>
    server.send('PUT', `${filesPath()}/${path}`, {
      ...(body !== undefined && { body }),
      headers: { 'content-type': 'application/octet-stream', ...headers },
    });
  const act = (path: string, action: string) => server.send('POST', `${filesPath()}/${path}?action=${action}`);
  const patch = (path: string, range: string, body: Sent['body']) =>
    server.send('PATCH', `${filesPath()}/${path}`, {
      ...(body !== undefined && { body }),
      headers: { 'content-type': 'application/octet-stream', 'content-range': range },
    });
  const head = (path: string) => server.send('HEAD', `${filesPath()}/${path}`);
  const storedText = async (path: string): Promise<string> => {
    const file = await server.batches.file(tenant, batchId, path);
    const stored = partedFile(
      createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(server.folder).href }),
      file?.parts ?? [],
    );
    const chunks = [];
    for await (const chunk of stored.read(0, stored.size)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it('stores a file, and another in its place', async () => {
    const first = await put('people/one.json', '{"a":1}\n');
    expect(first).toMatchObject({ status: 201, body: { name: 'people/one.json', sizeInBytes: 8 } });
    const second = await put('people/one.json', '{"a":22}\n', { 'content-type': 'text/plain' });
    expect(second).toMatchObject({ status: 200, body: { name: 'people/one.json', sizeInBytes: 9 } });
    expect(await storedText('people/one.json')).toBe('{"a":22}\n');
    const [{ index, state } = {}] = await server.batches.files(tenant, batchId, { start: 0, limit: 9 });
    expect({ index, state }).toEqual({ index: 1, state: 'complete' });
    const own = (await server.storedFiles()).filter((name) => name.includes(batchId));
    expect(own).toHaveLength(1);
  });

  it.each(['application/json', 'text/csv', undefined])('takes a body of the media type %s as it is', async (type) => {
    expect(await put('a', '{"not json', { 'content-type': type })).toMatchObject({ status: 201 });
    expect(await storedText('a')).toBe('{"not json');
  });

  it('takes an empty file', async () => {
    expect(await put('empty', '')).toMatchObject({ status: 201, body: { sizeInBytes: 0 } });
    expect(await put('empty2', undefined)).toMatchObject({ status: 201, body: { sizeInBytes: 0 } });
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toEqual([]);
  });

  it('stores what a compressed body inflates to', async () => {
    const lines = '{"a":1}\n'.repeat(10_000);
    const answer = await put('a', Readable.from([lines]).pipe(createGzip()), { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 201, body: { sizeInBytes: lines.length } });
    expect(await storedText('a')).toBe(lines);
    const damaged = await put('b', Buffer.from('nothing that was ever compressed'), { 'content-encoding': 'gzip' });
    expect(damaged).toMatchObject({ status: 400, body: { code: 'TSR-GEN-1400' } });
  });

  it('holds nothing of a large file in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      collect();
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      return arrayBuffers + heapUsed;
    };
    const chunk = Buffer.alloc(64 * 1_024, '0123456789abcde\n');
    const before = held();
    let most = 0;
    function* chunks(): Iterable<Buffer> {
      for (let sent = 0; sent < 60 * MEGABYTE; sent += chunk.length) {
        if (sent % (5 * 16 * chunk.length) === 0) most = Math.max(most, held() - before);
        yield chunk;
      }
    }
    const answer = await put('large.json', Readable.from(chunks()));
    const size = Math.ceil((60 * MEGABYTE) / chunk.length) * chunk.length;
    expect(answer).toMatchObject({ status: 201, body: { sizeInBytes: size } });
    // What a busy machine has not collected yet is a matter of chance, and of the same size for every file.
    expect(most).toBeLessThan(24 * MEGABYTE);
    const [stored = ''] = (await server.storedFiles()).filter((name) => name.includes(batchId));
    const bytes = await readFile(stored);
    expect(bytes.length).toBe(size);
    expect(bytes.equals(Buffer.alloc(size, chunk))).toBe(true);
  });

  it('refuses a body that is too large before it is sent, where it says how large it is', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const headers = Object.entries(await server.gateway.headers()).map(([name, value]) => `${name}: ${value}`);
    const lines = [`PUT ${filesPath()}/a HTTP/1.1`, 'Host: x', ...headers, `Content-Length: ${MOST_BYTES + 1}`];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toEqual([]);
  });

  it('refuses a body that turns out too large, tells its client, and keeps nothing', async () => {
    const chunk = Buffer.alloc(MEGABYTE);
    const answer = await put('a', Readable.from(Array.from({ length: 72 }, () => chunk)));
    expect(answer).toMatchObject({ status: 413, body: { code: 'TSR-GEN-0413' } });
    expect(await head('a')).toMatchObject({ status: 404 });
    expect((await server.storedFiles()).filter((name) => name.includes(batchId) || name.includes('incoming'))).toEqual(
      [],
    );
  });

  it('keeps nothing of a client that goes away', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const headers = Object.entries(await server.gateway.headers()).map(([name, value]) => `${name}: ${value}`);
    const lines = [`PUT ${filesPath()}/a HTTP/1.1`, 'Host: x', ...headers, `Content-Length: ${MEGABYTE}`];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${'x'.repeat(1_000)}`);
    const incoming = async () => (await server.storedFiles()).filter((name) => name.includes('.incoming'));
    await eventually(async () => expect(await incoming()).toHaveLength(1));
    socket.destroy();
    await eventually(async () => expect(await incoming()).toEqual([]));
    expect(await head('a')).toMatchObject({ status: 404 });
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toEqual([]);
  });

  const paths = [
    '..%2F..%2Fetc%2Fpasswd',
    '%2e%2e/%2e%2e/x',
    '../../../x',
    'a/../b',
    'a/..',
    './a',
    '/etc/passwd',
    '%2Fetc%2Fpasswd',
    'a//b',
    '..%5C..%5Cx',
    'a%00b',
    'a%0Ab',
    'x'.repeat(1_025),
    `${'d/'.repeat(600)}x`,
    '',
  ];
  it.each(paths.map((path) => [path.slice(0, 40), path] as const))('refuses the path %j', async (_start, path) => {
    const before = await server.storedFiles();
    for (const method of ['PUT', 'PATCH', 'POST', 'HEAD']) {
      const url = `${filesPath()}/${path}${method === 'POST' ? '?action=INITIALIZE' : ''}`;
      const body = method === 'PUT' || method === 'PATCH' ? { body: 'x' } : {};
      const { status } = await server.send(method, url, { ...body, headers: { 'content-range': 'bytes 0-0/1' } });
      expect(path === '' ? [404] : [400, 414]).toContain(status);
    }
    expect(await server.storedFiles()).toEqual(before);
    expect(await server.batches.files(tenant, batchId, { start: 0, limit: 9 })).toEqual([]);
  });

  it('keeps what is asked for by strange names inside the store, under the very names', async () => {
    const names = [
      'ä ö/日本.json',
      '...',
      'a..b',
      '%2e%2e',
      '~',
      '=2f',
      '__proto__',
      'C:',
      '$where',
      '.incoming',
      'a?b#c',
    ];
    for (const [index, name] of names.entries()) {
      const answer = await put(encodeURIComponent(name), String(index));
      expect(answer).toMatchObject({ status: 201, body: { name } });
    }
    for (const [index, name] of names.entries()) expect(await storedText(name)).toBe(String(index));
    for (const file of await server.storedFiles()) {
      expect(file.slice(server.folder.length)).toMatch(
        /^\/A@TesseraOrg\/prod\/batches\/[0-9A-Z]{26}\/uploads\/[0-9A-Z]{26}$/,
      );
    }
  });

  it('takes files only while the batch is loading', async () => {
    await act('open', 'INITIALIZE');
    for (const status of ['loaded', 'staged', 'success', 'failed', 'aborted', 'inactive'] as const) {
      await moveTo(server.batches, batchId, status);
      const refused = { status: 409, body: { code: 'TSR-BAT-1409' } };
      expect(await put('a', 'x')).toMatchObject(refused);
      expect(await patch('open', 'bytes 0-0/1', 'x')).toMatchObject(refused);
      expect(await act('open', 'INITIALIZE')).toMatchObject(refused);
      expect(await act('open', 'COMPLETE')).toMatchObject(refused);
      expect(await head('open')).toMatchObject({ status: 200 });
    }
  });

  it('takes no file whose upload ends after the batch was completed', async () => {
    const body = new Readable({ read: () => undefined });
    const uploading = put('late', body);
    body.push('first');
    const incoming = async () => (await server.storedFiles()).filter((name) => name.includes('.incoming'));
    await eventually(async () => expect(await incoming()).toHaveLength(1));
    expect(await server.send('POST', `${IMPORT}/${batchId}?action=COMPLETE`)).toMatchObject({ status: 200 });
    body.push(null);
    expect(await uploading).toMatchObject({ status: 409 });
    expect(await server.batches.files(tenant, batchId, { start: 0, limit: 9 })).toEqual([]);
    expect((await server.storedFiles()).filter((name) => name.includes(batchId) || name.includes('incoming'))).toEqual(
      [],
    );
  });

  it('takes many files at the same time, each with a place of its own', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
    const answers = await Promise.all(names.map((name) => put(name, name)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const files = await server.batches.files(tenant, batchId, { start: 0, limit: 100 });
    expect(new Set(files.map(({ index }) => index)).size).toBe(40);
    expect(files.map(({ path }) => path).sort()).toEqual([...names].sort());
  });

  it('keeps one of the files that are sent under one name at the same time, whole', async () => {
    const contents = Array.from({ length: 10 }, (_, index) => String(index).repeat(1_000));
    const answers = await Promise.all(contents.map((content) => put('same', content)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 9 }, () => 200), 201]);
    expect(contents).toContain(await storedText('same'));
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toHaveLength(1);
  });

  it('is refused while the store of files fails, and goes on as soon as it does not', async () => {
    await put('before', 'x');
    const aside = `${server.folder}-aside`;
    await rename(server.folder, aside);
    const refused = await put('during', 'x'.repeat(100_000));
    await rename(aside, server.folder);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'TSR-GEN-0503' } });
    expect(refused.body['detail']).toContain('object-storage');
    expect(await head('during')).toMatchObject({ status: 404 });
    expect(await put('during', 'x')).toMatchObject({ status: 201 });
  });

  it('knows no batch of another tenant, and none for another dataset', async () => {
    await put('a', 'mine');
    const unknown = { status: 404 };
    const other = await server.newDataset();
    for (const method of ['PUT', 'PATCH', 'POST', 'HEAD']) {
      const query = method === 'POST' ? '?action=INITIALIZE' : '';
      const headers = { 'content-range': 'bytes 0-0/1', 'content-type': 'application/octet-stream' };
      const body = method === 'PUT' || method === 'PATCH' ? { body: 'x' } : {};
      const call = (path: string, more: Sent['headers'] = {}) =>
        server.send(method, `${path}${query}`, { ...body, headers: { ...headers, ...more } });
      expect({ method, ...(await call(`${filesPath()}/a`, elsewhere)) }).toMatchObject({ method, ...unknown });
      expect(await call(`${IMPORT}/${batchId}/datasets/${other}/files/a`)).toMatchObject(unknown);
      expect(await call(`${filesPath('01ARZ3NDEKTSV4RRFFQ69G5FAV')}/a`)).toMatchObject(unknown);
    }
    expect(await storedText('a')).toBe('mine');
  });
});
