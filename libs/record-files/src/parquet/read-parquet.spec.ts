import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { FileFormatError } from '../file-format.js';
import { localFile } from '../random-access-file.js';
import { memoryFile, rowsIn, saidBy } from '../memory-file.fixture.js';

/** Written by Apache Arrow's own library (pyarrow 26): rows.jsonl says the same as each of the Parquet files. */
const folder = join(import.meta.dirname, 'fixtures');
const expected = readFileSync(join(folder, 'rows.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown);
const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));

describe('rows of a Parquet file', () => {
  it.each(files)('say in JSON what another writer put in (%s)', async (name) => {
    const rows = await rowsIn(await localFile(join(folder, name)), 'parquet');
    expect(saidBy(rows)).toEqual(expected);
    expect(rows.map(({ row }) => row)).toEqual(expected.map((_, index) => index));
  });

  it.each(files)('are the same from any row on (%s)', async (name) => {
    const file = await localFile(join(folder, name));
    for (const from of [1, 24, 25, 26, 49, 50, 59, 60, 100]) {
      const rows = await rowsIn(file, 'parquet', { from, chunkRows: 7 });
      expect(saidBy(rows)).toEqual(expected.slice(from));
      expect(rows[0]?.row).toBe(from < 60 ? from : undefined);
    }
  });

  it('are faulty one by one where JSON cannot say a value exactly, or the row is too long', async () => {
    const file = written([
      { name: 'n', type: 'INT64', data: [1n, 9_007_199_254_740_993n, 3n, 4n] },
      { name: 'x', type: 'DOUBLE', data: [0.5, 1, Number.NaN, 2] },
      { name: 's', type: 'STRING', data: ['a', 'b', 'c', 'd'.repeat(101)] },
    ]);
    const rows = await rowsIn(file, 'parquet', { maxRowBytes: 100 });
    expect(saidBy(rows)).toEqual([
      { n: 1, x: 0.5, s: 'a' },
      'the value is an integer beyond ±(2^53 − 1), which cannot be kept exactly; store the column as strings',
      'the value is not a number, or an infinite one: JSON has neither',
      'the row is longer than 100 bytes; split the record',
    ]);
    expect(rows[1]).toMatchObject({ reason: 'unsafe-integer', fault: { path: '/n' }, record: { x: 1, s: 'b' } });
  });

  it('keep names of columns as data', async () => {
    const [row] = await rowsIn(written([{ name: '__proto__', type: 'STRING', data: ['kept'] }]), 'parquet');
    expect(JSON.stringify(row)).toBe('{"row":0,"record":{"__proto__":"kept"}}');
  });

  it('of many pages in one row group come in their order', async () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => `person ${index}`);
    const bytes = parquetWriteBuffer({
      columnData: [{ name: 'id', data: ids, type: 'STRING' }],
      pageSize: 256,
      rowGroupSize: 5_000,
    });
    const rows = await rowsIn(memoryFile(new Uint8Array(bytes), 1_000), 'parquet', { from: 1_234 });
    expect(saidBy(rows)).toEqual(ids.slice(1_234).map((id) => ({ id })));
  });
});

describe('a file that is no whole Parquet file', () => {
  const whole = readFileSync(join(folder, 'v1-snappy.parquet'));

  /** The file, saying that the description at its end has as many bytes. */
  function claiming(footerBytes: number): Buffer {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(footerBytes, bytes.length - 8);
    return bytes;
  }

  it.each([
    ['', 'not a Parquet file'],
    ['{"a":1}\n{"a":2}\n', 'not a Parquet file'],
    [whole.subarray(0, -1), 'not a Parquet file'],
    [whole.subarray(1), 'not a Parquet file'],
    [Buffer.concat([whole.subarray(0, 4), whole.subarray(-600)]), 'damaged'],
    [claiming(whole.length - 11), 'damaged or cut'],
    [claiming(0xffff_ffff), 'damaged or cut'],
  ])('is told apart', async (content, message) => {
    await expect(rowsIn(memoryFile(content, 1_000), 'parquet')).rejects.toThrow(message);
  });

  it('is told apart from one whose description is long indeed', async () => {
    const bytes = claiming(40_000_000);
    const long = {
      size: 50_000_000,
      // What is between the ends is not looked at.
      read: (from: number) => memoryFile(from === 0 ? bytes.subarray(0, 4) : bytes.subarray(-8), 8).read(0, 8),
    };
    await expect(rowsIn(long, 'parquet')).rejects.toThrow('too many row groups and columns');
  });

  it('gives rows or a reason for users, whatever bytes are changed', async () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of changes) bytes[at] = byte;
        const outcome = await rowsIn(memoryFile(bytes, 10_000), 'parquet').catch((error: unknown) => error);
        expect(Array.isArray(outcome) || outcome instanceof FileFormatError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is not blamed when the file cannot be read', async () => {
    const broken = {
      size: whole.length,
      async *read(from: number, to: number) {
        await Promise.resolve();
        if (from > 4 && to < whole.length - 8) throw new Error('the disk is gone');
        yield whole.subarray(from, to);
      },
    };
    await expect(rowsIn(broken, 'parquet')).rejects.toThrow('the disk is gone');
  });
});

function written(columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) {
  return memoryFile(new Uint8Array(parquetWriteBuffer({ columnData })), 100);
}
