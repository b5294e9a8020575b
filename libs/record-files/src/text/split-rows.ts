import type { RandomAccessFile } from '../random-access-file.js';

/** The bytes between two separators. */
export interface Piece {
  /** The beginning only, when {@link tooLong}. */
  readonly bytes: Buffer;
  readonly tooLong: boolean;
  /** The byte it ended with; undefined at the end of the file. */
  readonly separator: number | undefined;
}

/** Finds where rows end. Keeps what it must know from one call to the next: bytes come in order, each once. */
export interface RowBoundary {
  /** Index of the next separator in `bytes`, from `from` on; -1 where there is none yet. */
  next(bytes: Buffer, from: number): number;
}

/** Bytes kept of a piece that is too long: enough to recognise it by. */
const KEPT_BYTES = 4_096;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts a file into pieces at the separators a boundary finds, as many at a time as one reading gave. Holds no more than
 * one reading and one piece. A byte order mark is left out. What follows the last separator is the last piece.
 */
export async function* splitRows(
  file: RandomAccessFile,
  boundary: RowBoundary,
  maxRowBytes: number,
): AsyncGenerator<readonly Piece[], void, undefined> {
  const open = new OpenPiece(maxRowBytes);
  for await (const bytes of withoutByteOrderMark(file.read(0, file.size))) {
    const pieces: Piece[] = [];
    let from = 0;
    for (let end = boundary.next(bytes, from); end >= 0; end = boundary.next(bytes, from)) {
      pieces.push(open.end(bytes.subarray(from, end), bytes[end]));
      from = end + 1;
    }
    open.add(bytes.subarray(from));
    if (pieces.length > 0) yield pieces;
  }
  yield [open.end(Buffer.alloc(0), undefined)];
}

/** The piece whose separator has not been seen. */
class OpenPiece {
  private parts: Buffer[] = [];
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    // Once too long, nothing is kept but what shows which piece it was.
    if (this.length <= this.maxBytes || this.parts.length === 0) this.parts.push(bytes);
    this.length += bytes.length;
    if (this.length > this.maxBytes && this.parts.length > 0) this.parts = [beginningOf(this.parts)];
  }

  end(bytes: Buffer, separator: number | undefined): Piece {
    const whole = this.length === 0 && bytes.length <= this.maxBytes;
    if (whole) return { bytes, tooLong: false, separator };
    this.add(bytes);
    const piece = {
      bytes: this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts),
      tooLong: this.length > this.maxBytes,
      separator,
    };
    this.parts = [];
    this.length = 0;
    return piece;
  }
}

/** A copy, so that the bytes it was cut from can go. */
function beginningOf(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts, KEPT_BYTES > totalOf(parts) ? totalOf(parts) : KEPT_BYTES);
}

function totalOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

async function* withoutByteOrderMark(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const bytes of source) {
    if (start === undefined) {
      yield bytes;
      continue;
    }
    start = start.length === 0 ? bytes : Buffer.concat([start, bytes]);
    if (start.length < BYTE_ORDER_MARK.length) continue;
    yield start.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
      ? start.subarray(BYTE_ORDER_MARK.length)
      : start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}
