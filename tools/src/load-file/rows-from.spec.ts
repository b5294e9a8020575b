import type { RandomAccessFile } from '@tessera/record-files';
import { rowsFrom } from './rows-from.js';

describe('the rows of a file from one on', () => {
  const three = fileOf('{"n":0}\n{"broken"\n{"n":2}\n');

  async function rowsIn(file: RandomAccessFile, from: number): Promise<number[]> {
    const found: number[] = [];
    for await (const rows of rowsFrom(file, 'json', from)) found.push(...rows.map(({ row }) => row));
    return found;
  }

  it.each([
    [0, [0, 1, 2]],
    [1, [1, 2]],
    [2, [2]],
  ])('begin with that one (%i)', async (from, rows) => {
    expect(await rowsIn(three, from)).toEqual(rows);
  });

  it('are none where all were sent before, or the file is empty', async () => {
    expect(await rowsIn(three, 3)).toEqual([]);
    expect(await rowsIn(fileOf(''), 0)).toEqual([]);
  });

  it.each([
    [three, 4],
    [three, 1_000_000],
    [fileOf(''), 1],
  ])('are not asked for beyond the end without being told (%#)', async (file, from) => {
    await expect(rowsIn(file, from)).rejects.toThrow(`The file ends before row ${from}, where --from begins`);
  });
});

function fileOf(text: string): RandomAccessFile {
  const bytes = Buffer.from(text);
  return {
    size: bytes.length,
    async *read(from, to) {
      await Promise.resolve();
      yield bytes.subarray(from, to);
    },
  };
}
