import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { UnavailableError } from '@tessera/contracts';
import { checkedKey, InvalidKeyError } from './object-key.js';
import {
  ObjectTooLargeError,
  UnknownObjectError,
  UnusableStorageError,
  type ByteRange,
  type ObjectKey,
  type ObjectStorage,
  type PutOptions,
  type StoredObject,
} from './object-storage.js';

/**
 * Where objects are written before they are whole, each below the path its key has in the store, so that whoever deletes
 * what is below a prefix finds it. No key begins with a dot.
 */
const INCOMING = '.incoming';
/** Milliseconds after its last byte when an object that never became whole is removed: its writer is dead. */
const ABANDONED_AFTER = 3_600_000;
/** Bytes read at a time. */
const READ_BYTES = 512 * 1_024;
/** Tries to put an object into a folder that others remove at the same moment, or to remove one that others put into. */
const MOST_TRIES = 5;

/** Objects as files below one folder, named by their keys. Every instance of every service sees the same folder. */
export class LocalFolder implements ObjectStorage {
  private prepared: Promise<void> | undefined;

  /**
   * @param root absolute path; created when it is first written to.
   * @param newName what to call an object until it is whole; never the same twice.
   */
  constructor(
    private readonly root: string,
    private readonly newName: () => string = randomUUID,
  ) {}

  async put(key: ObjectKey, source: AsyncIterable<Uint8Array>, { maxBytes }: PutOptions = {}): Promise<number> {
    const target = this.localPath(key);
    await this.prepare();
    const { file, incoming } = await this.begin(key);
    try {
      const size = await write(file, source, maxBytes ?? Infinity);
      await disk(file.sync());
      await disk(file.close());
      await this.place(incoming, target);
      return size;
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(incoming, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async read(key: ObjectKey, { from = 0, to = Infinity }: ByteRange = {}): Promise<Readable> {
    const file = await ifThere(open(this.localPath(key)));
    if (file === undefined) throw await this.unknown(key);
    try {
      if (!(await disk(file.stat())).isFile()) throw await this.unknown(key);
      // The stream's `end` is inclusive, so it cannot express an empty range.
      if (to > from) return file.createReadStream({ start: from, end: to - 1, highWaterMark: READ_BYTES });
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return Readable.from([]);
  }

  async size(key: ObjectKey): Promise<number | undefined> {
    const found = await ifThere(stat(this.localPath(key)));
    if (found === undefined) await this.unknown(key);
    return found?.isFile() ? found.size : undefined;
  }

  async list(prefix: ObjectKey): Promise<StoredObject[]> {
    const entries = await ifThere(readdir(this.localPath(prefix), { withFileTypes: true, recursive: true }));
    const keys = (entries ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)));
    const objects = await Promise.all(
      keys.sort().map(async (key) => ({ key, found: await ifThere(stat(join(this.root, key))) })),
    );
    return objects.flatMap(({ key, found }) => (found === undefined ? [] : [{ key, size: found.size }]));
  }

  async delete(key: ObjectKey): Promise<void> {
    await disk(rm(this.localPath(key), { force: true }));
  }

  async deleteAll(prefix: ObjectKey): Promise<void> {
    const retries = { maxRetries: MOST_TRIES, retryDelay: 10 };
    for (const path of [this.incomingPath(prefix), this.localPath(prefix)]) {
      await disk(rm(path, { force: true, recursive: true, ...retries }));
    }
  }

  async removeAbandoned(now = Date.now()): Promise<void> {
    await removeOld(join(this.root, INCOMING), now - ABANDONED_AFTER);
  }

  localPath(key: ObjectKey): string {
    return join(this.root, checkedKey(key));
  }

  async check(): Promise<void> {
    try {
      await this.prepare();
      await access(join(this.root, INCOMING), constants.W_OK);
    } catch (error) {
      const reason = error instanceof UnavailableError ? error.cause : error;
      throw new UnusableStorageError(
        `the folder ${this.root} cannot be written to (${codeOf(reason)}): check OBJECT_STORAGE_URL and who may write there`,
        { cause: error },
      );
    }
  }

  private incomingPath(key: ObjectKey): string {
    return join(this.root, INCOMING, checkedKey(key));
  }

  /** Opens what an object is written to until it is whole. @throws UnavailableError, also where the store is gone. */
  private async begin(key: ObjectKey): Promise<{ readonly file: FileHandle; readonly incoming: string }> {
    const folder = dirname(this.incomingPath(key));
    const incoming = join(folder, this.newName());
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      await disk(stat(join(this.root, INCOMING)));
      await disk(mkdir(folder, { recursive: true }));
      const file = await ifThere(open(incoming, 'w'));
      if (file !== undefined) return { file, incoming };
    }
    throw new UnavailableError('object-storage', new Error('the folder of an object is gone'));
  }

  /** Moves a whole object to where it is found, so that it stays there whatever happens to the machine. */
  private async place(incoming: string, target: string): Promise<void> {
    const folder = dirname(target);
    for (let tries = 1; ; tries += 1) {
      const created = await disk(mkdir(folder, { recursive: true }));
      const moved = await ifThere(rename(incoming, target).then(() => true));
      if (!moved && tries < MOST_TRIES) continue;
      if (!moved) throw new UnavailableError('object-storage', new Error('the folder of an object is gone'));
      const first = created === undefined ? folder : dirname(created);
      for (let path = folder; path.length >= first.length; path = dirname(path)) await syncFolder(path);
      return;
    }
  }

  /** Once: a folder that vanishes later is a fault to tell, not one to write over. */
  private prepare(): Promise<void> {
    this.prepared ??= this.createFolders().catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    return this.prepared;
  }

  private async createFolders(): Promise<void> {
    await disk(mkdir(join(this.root, INCOMING), { recursive: true }));
  }

  /** @throws UnavailableError where the whole store is missing rather than one object. */
  private async unknown(key: ObjectKey): Promise<UnknownObjectError> {
    await this.prepare();
    await disk(stat(this.root));
    return new UnknownObjectError(key);
  }
}

/** @returns bytes written. What the source throws passes as it is. */
async function write(file: FileHandle, source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) throw new ObjectTooLargeError(maxBytes);
    await disk(file.appendFile(chunk));
  }
  return size;
}

/** Removes files below a folder that were last written before a time, and folders that have been empty since then. */
async function removeOld(folder: string, before: number): Promise<void> {
  for (const entry of (await ifThere(readdir(folder, { withFileTypes: true }))) ?? []) {
    const path = join(folder, entry.name);
    const found = await ifThere(lstat(path));
    if (entry.isDirectory()) await removeOld(path, before);
    if (found === undefined || found.mtimeMs >= before) continue;
    // A folder that is not empty stays: somebody writes there.
    if (entry.isDirectory()) await rmdir(path).catch(() => undefined);
    else await disk(rm(path, { force: true }));
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await ifThere(open(path));
  if (folder === undefined) return;
  try {
    await disk(folder.sync());
  } finally {
    await folder.close();
  }
}

/** @throws UnavailableError in place of the file system's own errors, InvalidKeyError for a key below another object. */
async function disk<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (['ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) {
      throw new InvalidKeyError('the key of an object lies below the key of another', { cause: error });
    }
    throw new UnavailableError('object-storage', error);
  }
}

async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    return await disk(Promise.reject(error as Error));
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
