import { open, stat } from 'node:fs/promises';
import { localFile, type RandomAccessFile } from '@tessera/record-files';
import { CommandError } from '../command/command.js';

/** What every gzip file begins with (RFC 1952 §2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * The file to load, its readings told to `onRead`.
 *
 * @throws CommandError for what is no file of rows, or cannot be read: why, and what to do about it.
 */
export async function openedFile(
  path: string,
  onRead: (bytes: number, size: number) => void,
): Promise<RandomAccessFile> {
  if ((await firstBytes(path)).equals(GZIP)) throw new CommandError(compressedText(path));
  const file = await localFile(path);
  let bytesRead = 0;
  return {
    ...file,
    async *read(from, to) {
      for await (const bytes of file.read(from, to)) {
        bytesRead += bytes.length;
        onRead(Math.min(bytesRead, file.size), file.size);
        yield bytes;
      }
    },
  };
}

/** What to do with a file that is compressed: only rows themselves can be counted, and begun with anywhere. */
export function compressedText(path: string): string {
  return `${path} is compressed with gzip: unpack it (gunzip -k ${path}) and load what comes out.`;
}

/** Why a file cannot be read, by the error of the file system. */
export function unreadableText(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no file ${path}. Check --file.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `You may not read ${path}: allow it (chmod), or load it as somebody who may.`;
  }
  return `${path} cannot be read: ${message}.`;
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    // Opening a pipe would wait for somebody to write into it.
    const kind = await stat(path);
    if (kind.isDirectory()) throw new CommandError(`${path} is a folder: name one file of it with --file.`);
    if (!kind.isFile()) {
      throw new CommandError(`${path} is no ordinary file: write what comes from it to one, and load that.`);
    }
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(GZIP.length), 0, GZIP.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(unreadableText(path, error as NodeJS.ErrnoException));
  }
}
