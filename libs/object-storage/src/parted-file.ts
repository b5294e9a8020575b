import { UnavailableError } from '@tessera/contracts';
import type { ObjectKey, ObjectStorage } from './object-storage.js';

/** Bytes of a file that are one object. */
export interface StoredPart {
  /** Place of its first byte in the file. */
  readonly start: number;
  readonly size: number;
  readonly key: ObjectKey;
}

/** A file of known size that can be read from any place. */
export interface PartedFile {
  /** Bytes. */
  readonly size: number;
  /** Where the file lies on this machine, if it does in one piece. */
  readonly path?: string;
  /** The bytes from `from` up to but not including `to`, in order. Leaving the loop ends the reading. */
  read(from: number, to: number): AsyncIterable<Buffer>;
}

/**
 * A file that was stored in parts, as one.
 *
 * @param parts in order and without gaps.
 * @throws UnknownObjectError while it is read, when a part was removed meanwhile; UnavailableError.
 */
export function partedFile(storage: ObjectStorage, parts: readonly StoredPart[]): PartedFile {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const [first] = parts;
  const path = first !== undefined && parts.length === 1 ? storage.localPath(first.key) : undefined;
  return { size, ...(path !== undefined && { path }), read: (from, to) => readParts(storage, parts, from, to) };
}

async function* readParts(
  storage: ObjectStorage,
  parts: readonly StoredPart[],
  from: number,
  to: number,
): AsyncIterable<Buffer> {
  for (const { start, size, key } of parts) {
    const range = { from: Math.max(from - start, 0), to: Math.min(to - start, size) };
    if (range.from >= range.to) continue;
    const bytes = (await storage.read(key, range)) as AsyncIterable<Buffer>;
    try {
      yield* bytes;
    } catch (error) {
      throw new UnavailableError('object-storage', error);
    }
  }
}
