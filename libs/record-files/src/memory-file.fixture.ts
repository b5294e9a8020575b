import type { FileFormat } from './file-format.js';
import type { FileRow } from './file-row.js';
import type { RandomAccessFile } from './random-access-file.js';
import { readRows, type ReadOptions } from './read-rows.js';

/** A file that gives its bytes in pieces of `step`, wherever that cuts them. */
export function memoryFile(content: string | Uint8Array, step = 7): RandomAccessFile {
  const bytes = Buffer.from(content);
  return {
    size: bytes.length,
    async *read(from, to) {
      for (let at = from; at < to; at += step) {
        await Promise.resolve();
        yield bytes.subarray(at, Math.min(to, at + step));
      }
    },
  };
}

/** All rows of a file. */
export async function rowsIn(
  file: RandomAccessFile,
  format: FileFormat,
  options: Partial<ReadOptions> = {},
): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const chunk of readRows(file, format, { maxRowBytes: 1_000_000, ...options })) rows.push(...chunk);
  return rows;
}

/** What is in the rows: records, or the messages of faults. */
export function saidBy(rows: readonly FileRow[]): unknown[] {
  return rows.map((row) => ('fault' in row ? row.fault.message : (JSON.parse(JSON.stringify(row.record)) as unknown)));
}
