import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A file of known size that can be read from any place, wherever it is kept. It does not change while it is read. */
export interface RandomAccessFile {
  /** Bytes. */
  readonly size: number;
  /** Where the file lies on this machine, if it does. */
  readonly path?: string;
  /** The bytes from `from` up to but not including `to`, in order. Reading less is fine: leaving the loop ends it. */
  read(from: number, to: number): AsyncIterable<Buffer>;
}

/** Bytes asked of the file system at a time. */
const READ_BYTES = 256 * 1024;

/** A file of this machine. @throws the file system's error when there is none at `path`. */
export async function localFile(path: string): Promise<RandomAccessFile> {
  const { size } = await stat(path);
  return { size, path, read: (from, to) => localBytes(path, from, to) };
}

async function* localBytes(path: string, from: number, to: number): AsyncIterable<Buffer> {
  if (from >= to) return;
  yield* createReadStream(path, { start: from, end: to - 1, highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>;
}
