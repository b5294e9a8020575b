import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFormats, localFile, readRows, type FileRow } from '@tessera/record-files';
import { personRow } from './person-rows.js';
import { writeRows } from './write-rows.js';

const ROWS = 2_345;

describe('a generated file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-generate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(fileFormats)('has the same people in any format (%s)', async (format) => {
    const file = join(folder, `people.${format}`);
    await writeRows({ file, format, rows: ROWS, rowGroupSize: 1_000 });
    const rows: FileRow[] = [];
    for await (const chunk of readRows(await localFile(file), format, { maxRowBytes: 10_000 })) rows.push(...chunk);
    expect(rows).toHaveLength(ROWS);
    for (const [index, row] of rows.entries()) {
      const said = 'record' in row ? (JSON.parse(JSON.stringify(row.record)) as unknown) : row.fault;
      expect(format === 'csv' ? row.row : said).toEqual(format === 'csv' ? index : personRow(index));
    }
    expect(rows.at(-1)).toMatchObject({ record: { person: personRow(ROWS - 1)['person'] } });
  });
});
