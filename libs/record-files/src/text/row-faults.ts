import { isUtf8 } from 'node:buffer';
import type { FaultyRow, RowFaultReason } from '../file-row.js';
import type { Piece } from './split-rows.js';

/** Characters kept of the text of a faulty row. */
const MAX_TEXT = 4_096;

/** A row that cannot be read, with its text so that it can be found and corrected. */
export function faultyRow(row: number, reason: RowFaultReason, message: string, bytes: Buffer): FaultyRow {
  return {
    row,
    reason,
    fault: { path: '', message },
    text: bytes.toString('utf8', 0, 4 * MAX_TEXT).slice(0, MAX_TEXT),
  };
}

/** What makes a row unreadable whatever its format: its length, and bytes that are no text. */
export function unreadableText(row: number, piece: Piece, maxRowBytes: number): FaultyRow | undefined {
  if (piece.tooLong) {
    return faultyRow(row, 'too-large', `the row is longer than ${maxRowBytes} bytes; split the record`, piece.bytes);
  }
  if (!isUtf8(piece.bytes)) {
    return faultyRow(row, 'malformed-message', 'the row is not valid UTF-8; save the file as UTF-8', piece.bytes);
  }
  return undefined;
}

/** Whether there is nothing but spaces, tabs and line ends. */
export function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x0a && byte !== 0x09) return false;
  return true;
}
