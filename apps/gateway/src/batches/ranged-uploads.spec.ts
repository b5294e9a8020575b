import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { createObjectStorage, partedFile } from '@tessera/object-storage';
import { IMPORT, startBatchGateway, tenant, type BatchGateway, type Sent } from './batches.fixture.js';

/** Real: the gateway behind a socket, MongoDB, Kafka and a folder. */
describe('upload of a file in parts', () => {
  let server: BatchGateway;
  let datasetId: string;
  let batchId: string;
  beforeAll(async () => {
    server = await startBatchGateway({ BATCH_FILE_PART_MAX_BYTES: '1000' });
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

  it('joins parts that come in any order, the last of equal ranges in place', async () => {
    expect(await act('f', 'initialize')).toMatchObject({ status: 201, body: { name: 'f', sizeInBytes: 0 } });
    expect((await head('f')).headers).not.toHaveProperty('range');
    expect(await patch('f', 'bytes 6-8/9', 'ghi')).toMatchObject({ status: 200, body: { sizeInBytes: 3 } });
    expect((await head('f')).headers).not.toHaveProperty('range');
    expect(await patch('f', 'bytes 0-2/9', 'xxx')).toMatchObject({ status: 200, body: { sizeInBytes: 6 } });
    expect(await head('f')).toMatchObject({ status: 200, headers: { range: 'bytes=0-2', 'content-length': '6' } });
    const early = await act('f', 'COMPLETE');
    expect(early).toMatchObject({ status: 409, body: { code: 'TSR-BAT-2409' } });
    expect(early.body['detail']).toContain('bytes 3-5');
    expect(await patch('f', 'bytes 0-2/9', 'abc')).toMatchObject({ status: 200, body: { sizeInBytes: 6 } });
    expect(await patch('f', 'bytes 3-5/*', Readable.from(['d', 'ef']))).toMatchObject({ status: 200 });
    expect(await act('f', 'complete')).toMatchObject({ status: 200, body: { name: 'f', sizeInBytes: 9 } });
    expect(await act('f', 'COMPLETE')).toMatchObject({ status: 200 });
    expect(await head('f')).toMatchObject({ status: 200, headers: { range: 'bytes=0-8', 'content-length': '9' } });
    expect(await storedText('f')).toBe('abcdefghi');
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toHaveLength(3);
  });

  it('refuses parts that do not fit', async () => {
    expect(await patch('f', 'bytes 0-2/9', 'abc')).toMatchObject({ status: 404, body: { code: 'TSR-BAT-1404' } });
    await act('f', 'INITIALIZE');
    await patch('f', 'bytes 0-3/9', 'abcd');
    for (const range of ['bytes 2-5/9', 'bytes 0-4/9', 'bytes 3-3/9', 'bytes 4-5/10']) {
      const size = Number(/-(\d+)/.exec(range)?.[1]) - Number(/ (\d+)/.exec(range)?.[1]) + 1;
      const answer = await patch('f', range, 'x'.repeat(size));
      expect({ range, ...answer }).toMatchObject({ range, status: 416, body: { code: 'TSR-BAT-0416' } });
    }
    expect(await patch('f', 'bytes 9-9/*', 'x')).toMatchObject({ status: 416 });
    await act('g', 'INITIALIZE');
    expect(await patch('g', 'bytes 0-1000/*', 'x'.repeat(1_001))).toMatchObject({ status: 413 });
    for (const range of ['', 'bytes 5-4/9', 'bytes x-y/z', 'lines 4-5/9', 'bytes */9', 'bytes 4-5']) {
      expect({ range, ...(await patch('f', range, 'x')) }).toMatchObject({ range, status: 400 });
    }
    for (const range of ['bytes 4-9/9', 'bytes 500-599/530', 'bytes 9-9/9']) {
      const answer = await patch('f', range, 'x');
      expect({ range, ...answer }).toMatchObject({ range, status: 416, body: { code: 'TSR-BAT-0416' } });
      expect(answer.body['detail']).toContain('beyond the announced size');
    }
    for (const body of ['x', 'xxx', Readable.from(['x']), Readable.from(['xx', 'x'])]) {
      expect(await patch('f', 'bytes 4-5/9', body)).toMatchObject({ status: 400, body: { code: 'TSR-GEN-0400' } });
    }
    expect(await head('f')).toMatchObject({ headers: { 'content-length': '4' } });
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toHaveLength(1);
  });

  it('begins a file anew with INITIALIZE, and takes no parts of one that is complete', async () => {
    await put('f', 'whole');
    expect(await patch('f', 'bytes 0-2/3', 'abc')).toMatchObject({ status: 409, body: { code: 'TSR-BAT-3409' } });
    expect(await act('f', 'INITIALIZE')).toMatchObject({ status: 200, body: { sizeInBytes: 0 } });
    expect((await server.storedFiles()).filter((name) => name.includes(batchId))).toEqual([]);
    expect(await act('none', 'COMPLETE')).toMatchObject({ status: 404 });
    expect(await act('f', 'EXPLODE')).toMatchObject({ status: 400, body: { code: 'TSR-GEN-4400' } });
    expect(await server.send('POST', `${filesPath()}/f`)).toMatchObject({ status: 400 });
  });

  it('makes of parts what a model makes of them', async () => {
    const span = fc.record({
      start: fc.nat(9),
      size: fc.integer({ min: 1, max: 5 }),
      letter: fc.constantFrom('a', 'b'),
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 5 }), async (spans) => {
        const path = `model/${(number += 1)}`;
        await act(path, 'INITIALIZE');
        const model: string[] = [];
        const bounds = new Map<string, { start: number; end: number }>();
        for (const { start, size, letter } of spans) {
          const end = start + size;
          const key = `${start}-${end}`;
          const overlapping = [...bounds].some(([other, at]) => other !== key && at.start < end && start < at.end);
          const { status } = await patch(path, `bytes ${start}-${end - 1}/*`, letter.repeat(size));
          expect(status).toBe(overlapping ? 416 : 200);
          if (overlapping) continue;
          bounds.set(key, { start, end });
          for (let place = start; place < end; place += 1) model[place] = letter;
        }
        const isWhole = !Array.from(model).includes(undefined as unknown as string);
        expect((await act(path, 'COMPLETE')).status).toBe(isWhole ? 200 : 409);
        if (isWhole) expect(await storedText(path)).toBe(model.join(''));
      }),
      { numRuns: 25 },
    );
  });
});
