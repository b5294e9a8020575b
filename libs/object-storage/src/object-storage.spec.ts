import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import { createTestBucket } from '@tessera/testing';
import {
  createObjectStorage,
  objectKey,
  ObjectTooLargeError,
  partedFile,
  UnknownObjectError,
  type ObjectStorage,
} from './index.js';

/** One kind of store, empty. */
interface Store {
  /** One more way to the same store, as another instance of a service has it. */
  connect(): ObjectStorage;
  /** Names of everything in it, also of what is not whole. */
  everything(): Promise<string[]>;
  remove(): Promise<void>;
}

async function folder(): Promise<Store> {
  const root = await mkdtemp(join(tmpdir(), 'tessera-objects-'));
  return {
    connect: () => createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(root).href }),
    everything: async () => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function bucket(): Promise<Store> {
  const created = await createTestBucket();
  const { name: Bucket, environment, s3 } = created;
  return {
    connect: () => createObjectStorage(environment),
    everything: async () => {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
      return [...Contents, ...Uploads].map(({ Key = '' }) => Key);
    },
    remove: () => created.drop(),
  };
}

async function* bytes(...chunks: readonly string[]): AsyncIterable<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

/** Real: a folder; a bucket of an S3-compatible server. */
describe.each([
  ['a local folder', folder],
  ['an S3-compatible bucket', bucket],
])('a store of objects in %s', (_, open) => {
  let store: Store;
  let storage: ObjectStorage;
  beforeEach(async () => {
    store = await open();
    storage = store.connect();
  });
  afterEach(() => store.remove());

  it('gives back whole and in part what was put', async () => {
    const key = objectKey('a', 'b');
    expect(await storage.put(key, bytes('0123', '456789'))).toBe(10);
    expect(await storage.size(key)).toBe(10);
    expect(await text(await storage.read(key))).toBe('0123456789');
    expect(await text(await storage.read(key, { from: 3, to: 6 }))).toBe('345');
    expect(await text(await storage.read(key, { from: 8, to: 99 }))).toBe('89');
    for (const range of [{ from: 4, to: 4 }, { from: 10 }, { from: 10, to: 12 }]) {
      expect(await text(await storage.read(key, range))).toBe('');
    }
  });

  it('replaces an object as a whole', async () => {
    const key = objectKey('a');
    await storage.put(key, bytes('the longer one'));
    const before = await storage.read(key);
    await storage.put(key, bytes('new'));
    expect(await text(before)).toBe('the longer one');
    expect(await text(await storage.read(key))).toBe('new');
  });

  it('knows no object that was never put, was deleted, or is only the beginning of others', async () => {
    await storage.put(objectKey('a', 'b', 'c'), bytes('x'));
    await storage.delete(objectKey('a', 'b', 'c'));
    for (const key of [objectKey('a', 'b', 'c'), objectKey('a', 'b'), objectKey('z')]) {
      expect(await storage.size(key)).toBeUndefined();
      await expect(storage.read(key)).rejects.toThrow(UnknownObjectError);
    }
    await storage.delete(objectKey('z'));
  });

  it('lists and deletes what is below a prefix, and nothing that only begins like it', async () => {
    for (const parts of [['a', 'b', '1'], ['a', 'b', '2', 'x'], ['a', 'bc'], ['d']]) {
      await storage.put(objectKey(...parts), bytes(parts.join('')));
    }
    expect(await storage.list('a/b')).toEqual([
      { key: 'a/b/1', size: 3 },
      { key: 'a/b/2/x', size: 4 },
    ]);
    await storage.deleteAll('a/b');
    expect(await storage.list('a/b')).toEqual([]);
    expect(await storage.list('none')).toEqual([]);
    expect((await storage.list('a')).map(({ key }) => key)).toEqual(['a/bc']);
    expect(await storage.size('d')).toBe(1);
  });

  it('leaves nothing of an object that is too large, or whose source fails', async () => {
    await expect(storage.put('a/b', bytes('123', '45'), { maxBytes: 4 })).rejects.toThrow(ObjectTooLargeError);
    async function* failing(): AsyncIterable<Buffer> {
      yield* bytes('123');
      throw new RangeError('the client went away');
    }
    await expect(storage.put('a/b', failing())).rejects.toThrow(RangeError);
    expect(await store.everything()).toEqual([]);
    expect(await storage.put('a/b', bytes('1234'), { maxBytes: 4 })).toBe(4);
  });

  it('has objects put at once from several places, each whole', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(1_000));
    await Promise.all(contents.map((content) => store.connect().put('same/key', bytes(content))));
    expect(contents).toContain(await text(await storage.read('same/key')));
    expect(await store.everything()).toHaveLength(1);
  });

  it('puts objects where others are removing some', async () => {
    const puts = Array.from({ length: 50 }, (_, index) => storage.put(`a/b/${index}`, bytes('x')));
    const removals = Array.from({ length: 50 }, () => storage.deleteAll('a/b'));
    await Promise.all(removals);
    for (const put of await Promise.allSettled(puts)) {
      // One that was not whole yet may have gone with the others; nobody is told that it was stored.
      if (put.status === 'rejected') expect(put.reason).toBeInstanceOf(UnavailableError);
    }
    await storage.put('a/b/last', bytes('x'));
    expect(await storage.size('a/b/last')).toBe(1);
  });

  it('can be used', async () => {
    await storage.check();
  });

  it('reads a file stored in parts like one, from any place to any other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }), { maxLength: 5 }),
        fc.nat(30),
        fc.nat(30),
        async (pieces, from, to) => {
          let start = 0;
          const parts = [];
          for (const [index, piece] of pieces.entries()) {
            const key = objectKey('parts', String(index));
            parts.push({ start, size: await storage.put(key, bytes(piece)), key });
            start += piece.length;
          }
          const file = partedFile(storage, parts);
          expect(file.size).toBe(start);
          const chunks = [];
          for await (const chunk of file.read(from, to)) chunks.push(chunk);
          expect(Buffer.concat(chunks).toString()).toBe(pieces.join('').slice(from, Math.max(to, from)));
        },
      ),
      { numRuns: 25 },
    );
  });
});
