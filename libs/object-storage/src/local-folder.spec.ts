import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import { InvalidKeyError, objectKey, ObjectTooLargeError, partedFile, UnknownObjectError } from './index.js';
import { LocalFolder } from './local-folder.js';

let root: string;
let storage: LocalFolder;
beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'tessera-objects-')), 'store');
  storage = new LocalFolder(root);
});
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

async function* bytes(...chunks: readonly string[]): AsyncIterable<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

/** Every file below the root, incoming ones too. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Whatever somebody may try to get out by, and anything else. */
const anyText = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '../..',
    '..\\..',
    '/etc/passwd',
    'a/../../b',
    '\0',
    '.incoming',
    '%2e%2e',
    '~',
    '=',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', 'a', '=', '~', '%'), maxLength: 12 }),
);

describe('a store in a local folder', () => {
  it('gives back whole and in part what was put', async () => {
    const key = objectKey('a', 'b');
    expect(await storage.put(key, bytes('0123', '456789'))).toBe(10);
    expect(await storage.size(key)).toBe(10);
    expect(await text(await storage.read(key))).toBe('0123456789');
    expect(await text(await storage.read(key, { from: 3, to: 6 }))).toBe('345');
    expect(await text(await storage.read(key, { from: 8, to: 99 }))).toBe('89');
    expect(await text(await storage.read(key, { from: 4, to: 4 }))).toBe('');
    expect(storage.localPath(key).startsWith(root)).toBe(true);
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
    expect(await filesBelow(root)).toEqual([]);
    expect(await storage.put('a/b', bytes('1234'), { maxBytes: 4 })).toBe(4);
  });

  it('takes the next bytes of a source only once those before are written', async () => {
    let taken = 0;
    const chunk = Buffer.alloc(65_536);
    async function* watched(): AsyncIterable<Buffer> {
      const incoming = join(root, '.incoming');
      for (; taken < 40; taken += 1) {
        const [name = ''] = await readdir(incoming);
        expect((await stat(join(incoming, name))).size).toBe(taken * chunk.length);
        yield chunk;
      }
    }
    expect(await storage.put('a', watched())).toBe(40 * chunk.length);
  });

  it('has objects put at once from several places, each whole', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(1_000));
    await Promise.all(contents.map((content) => new LocalFolder(root).put('same/key', bytes(content))));
    expect(contents).toContain(await text(await storage.read('same/key')));
    expect(await filesBelow(root)).toHaveLength(1);
  });

  it('puts objects into folders that others are removing', async () => {
    const puts = Array.from({ length: 50 }, (_, index) => storage.put(`a/b/${index}`, bytes('x')));
    const removals = Array.from({ length: 50 }, () => storage.deleteAll('a/b'));
    await Promise.all([...puts, ...removals]);
    await storage.put('a/b/last', bytes('x'));
    expect(await storage.size('a/b/last')).toBe(1);
  });

  it('says that it is not available when its folder is gone or refuses, and recovers', async () => {
    await storage.put('a', bytes('x'));
    await rm(root, { recursive: true });
    await expect(storage.put('a', bytes('x'))).rejects.toThrow(UnavailableError);
    await expect(storage.read('a')).rejects.toThrow(UnavailableError);
    await expect(storage.size('a')).rejects.toThrow(UnavailableError);
    await mkdir(join(root, '.incoming'), { recursive: true });
    await storage.put('a', bytes('x'));
    expect(await storage.size('a')).toBe(1);
  });

  it('says that it is not available when the disk is full', async () => {
    const onDisk = new LocalFolder(root, () => 'incoming');
    await onDisk.put('a', bytes('x'));
    // Every write to this device of Linux fails as on a full disk.
    await symlink('/dev/full', join(root, '.incoming', 'incoming'));
    await expect(onDisk.put('b', bytes('y'))).rejects.toMatchObject({
      dependency: 'object-storage',
      cause: { code: 'ENOSPC' },
    });
    expect(await storage.size('b')).toBeUndefined();
    expect(await filesBelow(root)).toEqual([join(root, 'a')]);
  });

  it('removes what dead writers left behind, and nothing that is being written', async () => {
    await mkdir(join(root, '.incoming'), { recursive: true });
    for (const name of ['old', 'young']) await writeFile(join(root, '.incoming', name), name);
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(root, '.incoming', 'old'), longAgo, longAgo);
    await storage.put('a', bytes('x'));
    expect(await readdir(join(root, '.incoming'))).toEqual(['young']);
  });

  it('refuses to put an object below another', async () => {
    await storage.put('a', bytes('x'));
    await expect(storage.put('a/b', bytes('x'))).rejects.toThrow(InvalidKeyError);
  });
});

describe('keys', () => {
  it('lead nowhere but below the root, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = storage.localPath(objectKey(...parts.map((part) => part.toWellFormed())));
        expect(path.startsWith(root + sep)).toBe(true);
        const names = path.slice(root.length + 1).split(sep);
        expect(names).toHaveLength(parts.length);
        for (const name of names) expect(name).toMatch(/^[^./\\\0][^/\\\0]{0,199}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused unless made of parts that lead nowhere', () => {
    fc.assert(
      fc.property(anyText, (key) => {
        try {
          const path = storage.localPath(key);
          expect(path.startsWith(root + sep)).toBe(true);
          expect(path).toBe(`${root}/${key}`);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidKeyError);
        }
      }),
      { numRuns: 2_000 },
    );
    for (const key of ['', '/a', 'a/', 'a//b', '..', 'a/../b', '.incoming/x', 'a\0', 'a\\b', 'a'.repeat(201)]) {
      expect(() => storage.localPath(key)).toThrow(InvalidKeyError);
    }
  });

  it('differ wherever their parts do', () => {
    const someText = fc.oneof(anyText, fc.constantFrom('=', '=3d', '', '~', 'a~b', 'ä', 'a\u0308', 'A', 'a'));
    fc.assert(
      fc.property(
        fc.array(someText, { minLength: 1, maxLength: 3 }),
        fc.array(someText, { minLength: 1, maxLength: 3 }),
        (a, b) => {
          const [left, right] = [a, b].map((parts) => parts.map((part) => part.toWellFormed()));
          const isSame = JSON.stringify(left) === JSON.stringify(right);
          expect(objectKey(...(left ?? [])) === objectKey(...(right ?? []))).toBe(isSame);
        },
      ),
      { numRuns: 2_000 },
    );
    const long = 'x'.repeat(500);
    expect(objectKey(`${long}a`)).not.toBe(objectKey(`${long}b`));
    expect(objectKey('ORG@Example', 'prod', 'part-0.json')).toBe('ORG@Example/prod/part-0.json');
  });
});

describe('a file stored in parts', () => {
  it('reads like one file from any place to any other', async () => {
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
      { numRuns: 50 },
    );
  });

  it('lies on this machine where it is one object', async () => {
    const parts = [{ start: 0, size: await storage.put('a', bytes('12')), key: 'a' }];
    expect(partedFile(storage, parts).path).toBe(storage.localPath('a'));
    expect(partedFile(storage, []).path).toBeUndefined();
    expect((await buffer(partedFile(storage, parts).read(0, 2))).toString()).toBe('12');
  });
});
