import type { RandomAccessFile } from '../random-access-file.js';

/** Bytes read ahead of a column. A file may have hundreds of columns. */
const WINDOW = 64 * 1024;

/** The file could not be read; nothing is said about what is in it. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

/** @throws SourceError when the file cannot be read; Error when it ends before. */
export async function bytesOf(file: RandomAccessFile, from: number, to: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of file.read(from, to)) parts.push(part);
  } catch (cause) {
    throw new SourceError('The file cannot be read', { cause });
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length !== to - from) throw new Error('the file ends too early');
  return bytes;
}

/** The bytes of one column of a row group, in their order. */
export class ColumnBytes {
  private ahead: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: RandomAccessFile,
    private position: number,
    private readonly end: number,
  ) {
    if (!(position >= 0 && position <= end && end <= file.size)) throw new Error('a column lies outside of the file');
  }

  get remaining(): number {
    return this.ahead.length + this.end - this.position;
  }

  /** The next bytes, which stay; fewer where the column ends. */
  async peek(length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.remaining);
    if (this.ahead.length < wanted) {
      const to = Math.min(this.end, this.position + Math.max(wanted - this.ahead.length, WINDOW));
      const more = await bytesOf(this.file, this.position, to);
      this.ahead = this.ahead.length === 0 ? more : Buffer.concat([this.ahead, more]);
      this.position = to;
    }
    return this.ahead.subarray(0, wanted);
  }

  /** The next bytes. @throws Error when the column ends before. */
  async take(length: number): Promise<Buffer> {
    if (!(length >= 0)) throw new Error('a page of impossible size');
    const bytes = await this.peek(length);
    if (bytes.length < length) throw new Error('a page goes beyond its column');
    this.ahead = this.ahead.subarray(length);
    return bytes;
  }
}
