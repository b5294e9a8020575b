import type { FileFormat } from './file-format.js';
import type { FileRow } from './file-row.js';
import type { RandomAccessFile } from './random-access-file.js';
import { readParquet } from './parquet/read-parquet.js';
import { readCsv } from './text/csv.js';
import { readJsonArray } from './text/json-array.js';
import { readJsonLines } from './text/json-lines.js';

export interface ReadOptions {
  /** First row wanted; those before it are passed over. */
  readonly from?: number;
  /** Bytes a row may take; a longer one is faulty. In Parquet, bytes of its text. */
  readonly maxRowBytes: number;
  /** Rows given at a time, about: up to half as many more where that saves a small rest. */
  readonly chunkRows?: number;
  /** Ends the reading: the loop throws the signal's reason. */
  readonly signal?: AbortSignal;
}

type Reader = (file: RandomAccessFile, from: number, maxRowBytes: number) => AsyncIterable<FileRow[]>;

const readers: Readonly<Record<FileFormat, Reader>> = {
  json: readJsonLines,
  'json-array': readJsonArray,
  csv: readCsv,
  parquet: readParquet,
};

/**
 * Reads the rows of a file in their order, a chunk at a time, in memory that does not depend on the file's size. A faulty
 * row does not hide its neighbours.
 *
 * @throws FileFormatError where the file as a whole cannot be read (any further); rows before that place are given first.
 */
export async function* readRows(
  file: RandomAccessFile,
  format: FileFormat,
  { from = 0, maxRowBytes, chunkRows = 500, signal }: ReadOptions,
): AsyncGenerator<readonly FileRow[], void, undefined> {
  signal?.throwIfAborted();
  for await (const rows of readers[format](file, from, maxRowBytes)) {
    const chunks = Math.max(1, Math.round(rows.length / chunkRows));
    const size = Math.ceil(rows.length / chunks);
    for (let start = 0; start < rows.length; start += size) {
      signal?.throwIfAborted();
      yield chunks === 1 ? rows : rows.slice(start, start + size);
    }
    signal?.throwIfAborted();
  }
}
