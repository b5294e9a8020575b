import { Readable } from 'node:stream';
import { UnavailableError } from '@tessera/contracts';
import type { S3Connection } from './s3-connection.js';
import { S3Fault } from './s3-fault.js';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  /** Bytes of the whole object. */
  readonly size: number;
}

/** Bytes asked for at a time. */
const PIECE_BYTES = 4 * 1_048_576;
/** Tries to get the bytes of an answer that has begun; the SDK only repeats those that have not. */
const MOST_TRIES = 3;

/**
 * Reads an object piece by piece, each asked for when the one before is used up: however slowly somebody reads, no
 * connection is kept waiting, and one that breaks is made again. All pieces are of one version of the object.
 *
 * @returns `undefined` when there is no such object. @throws UnavailableError, also later, by the stream.
 */
export async function readObject(
  connection: S3Connection,
  place: Place,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Readable | undefined> {
  let first: Piece;
  try {
    first = await readPiece(connection, place, from, to);
  } catch (error) {
    const fault = error instanceof UnavailableError ? error.cause : undefined;
    if (fault instanceof S3Fault && fault.isBeyondEnd) return Readable.from([]);
    if (fault instanceof S3Fault && fault.isMissing) return undefined;
    throw error;
  }
  return Readable.from(pieces(connection, place, first, from, to), { objectMode: false });
}

async function* pieces(
  connection: S3Connection,
  place: Place,
  { bytes, etag, size }: Piece,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  yield bytes;
  const end = Math.min(to, size);
  for (let next = from + bytes.length; next < end;) {
    const piece = await readPiece(connection, place, next, end, etag);
    yield piece.bytes;
    next += piece.bytes.length;
  }
}

async function readPiece(
  connection: S3Connection,
  place: Place,
  from: number,
  to: number,
  etag?: string,
): Promise<Piece> {
  const last = Math.min(to, from + PIECE_BYTES) - 1;
  const request = { ...place, Range: `bytes=${from}-${last}`, ...(etag !== undefined && { IfMatch: etag }) };
  return connection.request(async (s3) => {
    for (let tries = 1; ; tries += 1) {
      const { Body, ETag, ContentRange } = await s3.getObject(request);
      try {
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        if (bytes.length === 0) throw new S3Fault('InvalidAnswer', 'a range was answered without bytes');
        return { bytes, etag: ETag, size: sizeIn(ContentRange) };
      } catch (error) {
        if (tries >= MOST_TRIES) throw error;
      }
    }
  });
}

/** The size of the object in `bytes 0-9/1234`. */
function sizeIn(contentRange: string | undefined): number {
  const size = Number(/\/(\d+)$/.exec(contentRange ?? '')?.[1] ?? NaN);
  if (Number.isNaN(size)) throw new S3Fault('InvalidAnswer', 'a range was answered without Content-Range');
  return size;
}
