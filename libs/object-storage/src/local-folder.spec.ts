import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import { InvalidKeyError, objectKey, partedFile } from './index.js';
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
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Does something while an object is written, which never becomes whole: all that is there then is as if the writer were dead. */
async function duringWrite(writer: LocalFolder, key: string, work: () => Promise<void>): Promise<void> {
  async function* unfinished(): AsyncIterable<Buffer> {
    yield* bytes('a row of somebody');
    await work();
    throw new RangeError('killed');
  }
  await expect(writer.put(key, unfinished())).rejects.toThrow(RangeError);
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

  it('removes what dead writers left behind after an hour, and nothing that is being written', async () => {
    await storage.put('a', bytes('x'));
    const folders = ['.incoming', '.incoming/org/prod', '.incoming/org/test'].map((name) => join(root, name));
    for (const folder of folders) {
      await mkdir(folder, { recursive: true });
      for (const name of ['old', 'young']) await writeFile(join(folder, name), name);
      const longAgo = new Date(Date.now() - 61 * 60_000);
      await utimes(join(folder, 'old'), longAgo, longAgo);
    }
    await storage.removeAbandoned();
    expect(await filesBelow(root)).toEqual([...folders.map((folder) => join(folder, 'young')), join(root, 'a')].sort());
    await storage.removeAbandoned(Date.now() + 61 * 60_000);
    expect(await filesBelow(root)).toEqual([join(root, 'a')]);
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    await storage.put('org/prod/a', bytes('x'));
  });

  it('removes what dead writers left below a prefix with the objects there, and never lists it', async () => {
    const dead = new LocalFolder(root, () => 'dead');
    const left = (sandbox: string) => join(root, '.incoming/org', sandbox, 'exports/1/dead');
    await duringWrite(dead, 'org/prod/exports/1/a', () =>
      duringWrite(dead, 'org/test/exports/1/a', async () => {
        expect(await filesBelow(root)).toEqual([left('prod'), left('test')]);
        expect(await storage.list('org')).toEqual([]);
        await storage.deleteAll('org/prod');
        expect(await filesBelow(root)).toEqual([left('test')]);
        await storage.deleteAll('org/test/exports/1');
        expect(await filesBelow(root)).toEqual([]);
      }),
    );
  });

  it('says that an object could not be put which was removed with its prefix while it was written', async () => {
    async function* removing(): AsyncIterable<Buffer> {
      yield* bytes('1');
      await storage.deleteAll('a');
      yield* bytes('2');
    }
    await expect(storage.put('a/b', removing())).rejects.toThrow(UnavailableError);
    expect(await filesBelow(root)).toEqual([]);
  });

  it('has a file that is one object lie on this machine', async () => {
    const parts = [{ start: 0, size: await storage.put('a', bytes('12')), key: 'a' }];
    expect(partedFile(storage, parts).path).toBe(storage.localPath('a'));
    expect(partedFile(storage, []).path).toBeUndefined();
    expect((await buffer(partedFile(storage, parts).read(0, 2))).toString()).toBe('12');
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
