import type { RandomAccessFile } from '../random-access-file.js';
import { isBlank } from './row-faults.js';
import { splitRows, type Piece, type RowBoundary } from './split-rows.js';

/** Bytes looked at for the end of an array: closing brackets are followed by a line end at most. */
const TAIL_BYTES = 4_096;

/** Whether a row begins as an array does. */
export function opensArray({ bytes }: Piece): boolean {
  return bytes.toString('latin1').trimStart().startsWith('[');
}

/**
 * Whether a file of lines whose first row {@link opensArray} is one array as a whole, on one line or on many, rather than
 * lines some of which are arrays. It is read no further than to its second row.
 */
export async function looksLikeOneArray(
  file: RandomAccessFile,
  lineEnds: RowBoundary,
  maxRowBytes: number,
): Promise<boolean> {
  let isFirst = true;
  for await (const pieces of splitRows(file, lineEnds, maxRowBytes)) {
    for (const piece of pieces) {
      if (!piece.tooLong && isBlank(piece.bytes)) continue;
      if (!isFirst) return false;
      if (!isJson(piece)) return closesArray(file);
      isFirst = false;
    }
  }
  return true;
}

function isJson({ bytes, tooLong }: Piece): boolean {
  if (tooLong) return false;
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

async function closesArray(file: RandomAccessFile): Promise<boolean> {
  let tail = '';
  for await (const bytes of file.read(Math.max(0, file.size - TAIL_BYTES), file.size)) tail += bytes.toString('latin1');
  return tail.trimEnd().endsWith(']');
}
