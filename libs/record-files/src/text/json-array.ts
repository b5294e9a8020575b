import { FileFormatError } from '../file-format.js';
import type { FileRow } from '../file-row.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { jsonRow } from './json-row.js';
import { isBlank } from './row-faults.js';
import { splitRows, type Piece, type RowBoundary } from './split-rows.js';

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\,[]{}') as unknown as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * One JSON array of objects. Its elements are told apart by brackets and quotes alone, so one that is not valid JSON is
 * one faulty row, as long as it closes what it opens.
 *
 * @throws FileFormatError where the file is no array, does not end, or goes on after its end.
 */
export async function* readJsonArray(
  file: RandomAccessFile,
  from: number,
  maxRowBytes: number,
): AsyncGenerator<FileRow[], void, undefined> {
  let row = 0;
  let last: number | undefined;
  for await (const pieces of splitRows(file, new ElementEnds(), maxRowBytes)) {
    const rows: FileRow[] = [];
    for (const piece of pieces) {
      const before = last;
      last = piece.separator;
      const empty = !piece.tooLong && isBlank(piece.bytes);
      if (before === undefined || before === CLOSE) checkOutside(piece, before, empty, row);
      else if (empty && before === OPEN && last === CLOSE) continue;
      else if (last === undefined) yield* endingWith(rows, `it ends within element ${row + 1}`);
      else if (empty) yield* endingWith(rows, `there is a comma without an element after element ${row}`);
      else {
        if (row >= from) rows.push(jsonRow(row, piece, maxRowBytes));
        row += 1;
      }
    }
    yield rows;
  }
}

/** Before the array and after it there must be nothing. */
function checkOutside(piece: Piece, before: number | undefined, empty: boolean, elements: number): void {
  if (before === undefined && (piece.separator !== OPEN || !empty)) {
    throw new FileFormatError('The file is no JSON array: it must begin with "[". Is it one JSON object a line?');
  }
  if (before === CLOSE && !empty) {
    throw new FileFormatError(`The file goes on after the end of its JSON array of ${elements} elements.`);
  }
}

/** Gives what was read, then tells what broke. */
function* endingWith(rows: FileRow[], what: string): Generator<FileRow[], void, undefined> {
  yield rows;
  throw new FileFormatError(`The JSON array in the file is broken: ${what}.`);
}

/** Ends of elements: the opening bracket, commas directly in the array, and its closing bracket. */
class ElementEnds implements RowBoundary {
  private opened = false;
  private closed = false;
  private depth = 0;
  private quoted = false;
  private escaped = false;

  next(bytes: Buffer, from: number): number {
    if (this.closed) return -1;
    let index = from;
    if (!this.opened) {
      while (index < bytes.length && isSpace(bytes[index] as number)) index += 1;
      if (index === bytes.length || bytes[index] !== OPEN) return -1;
      this.opened = true;
      return index;
    }
    for (; index < bytes.length; index += 1) {
      const byte = bytes[index] as number;
      if (this.quoted) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) this.quoted = false;
      } else if (byte === QUOTE) this.quoted = true;
      else if (byte === OPEN || byte === OPEN_OBJECT) this.depth += 1;
      else if (byte === CLOSE && this.depth === 0) {
        this.closed = true;
        return index;
      } else if (byte === CLOSE || byte === CLOSE_OBJECT) this.depth = Math.max(0, this.depth - 1);
      else if (byte === COMMA && this.depth === 0) return index;
    }
    return -1;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
