import { randomBytes } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import { createTestBucket, openDoor, type Door, type TestBucket } from '@tessera/testing';
import { UnusableStorageError } from './index.js';
import { S3Bucket } from './s3-bucket.js';
import type { S3Settings } from './s3-connection.js';

const MEBIBYTE = 1_048_576;
/** The least that S3 takes as a part. */
const PART = 5 * MEBIBYTE;

let bucket: TestBucket;
let door: Door;
let settings: S3Settings;
let storage: S3Bucket;
beforeAll(async () => {
  bucket = await createTestBucket();
  door = await openDoor(new URL(bucket.environment.OBJECT_STORAGE_ENDPOINT).host);
  settings = {
    bucket: bucket.name,
    prefix: 'some/prefix',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${door.port}`,
    credentials: {
      accessKeyId: bucket.environment.OBJECT_STORAGE_ACCESS_KEY_ID,
      secretAccessKey: bucket.environment.OBJECT_STORAGE_SECRET_ACCESS_KEY,
    },
    pathStyle: true,
    timeout: 1_000,
  };
  storage = new S3Bucket(settings);
});
afterAll(async () => {
  await door.shut();
  await bucket.drop();
});

async function* chunksOf(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

/** Keys of uploads that are not objects yet. */
async function uploads(ending: string): Promise<string[]> {
  const { Uploads = [] } = await bucket.s3.listMultipartUploads({ Bucket: bucket.name });
  return Uploads.map(({ Key = '' }) => Key).filter((key) => key.endsWith(ending));
}

/** Real: an S3-compatible server, behind a door that can be shut. */
describe('a bucket', () => {
  it('gives back an object of several parts, in any range', async () => {
    const bytes = randomBytes(11 * MEBIBYTE + 7);
    expect(await storage.put('large', chunksOf(bytes, 700_001))).toBe(bytes.length);
    const { ETag } = await bucket.s3.headObject({ Bucket: bucket.name, Key: 'some/prefix/large' });
    expect(ETag).toMatch(/-3"$/); // Stores say so of how many parts an object was made.
    expect((await buffer(await storage.read('large'))).equals(bytes)).toBe(true);
    const place = fc.nat(bytes.length);
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) };
        const read = await buffer(await storage.read('large', range));
        expect(read.equals(bytes.subarray(range.from, range.to))).toBe(true);
      }),
      { numRuns: 6 },
    );
  });

  it('takes chunks of any size, on the boundary of a part too', async () => {
    for (const size of [PART, PART + 1, 2 * PART]) {
      const bytes = randomBytes(size);
      expect(await storage.put('boundary', chunksOf(bytes, 2 * PART))).toBe(size);
      expect((await buffer(await storage.read('boundary'))).equals(bytes)).toBe(true);
    }
  });

  it('shows nothing of an object before its end, and keeps nothing of one whose source fails', async () => {
    const seen: unknown[] = [];
    async function* failing(): AsyncIterable<Buffer> {
      yield* chunksOf(randomBytes(12 * MEBIBYTE), MEBIBYTE);
      seen.push(await uploads('unborn'), await storage.size('unborn'), await storage.list('unborn'));
      throw new RangeError('the client went away');
    }
    await expect(storage.put('unborn', failing())).rejects.toThrow(RangeError);
    expect(seen).toEqual([['some/prefix/unborn'], undefined, []]);
    expect(await uploads('unborn')).toEqual([]);
    expect(await storage.size('unborn')).toBeUndefined();
  });

  it('takes no more than a part from a source while the store takes nothing', async () => {
    let taken = 0;
    async function* watched(): AsyncIterable<Buffer> {
      for (const chunk = Buffer.alloc(65_536); ; taken += chunk.length) {
        yield chunk;
        if (taken === MEBIBYTE) door.freeze();
        await Promise.resolve();
      }
    }
    try {
      await expect(storage.put('frozen', watched())).rejects.toThrow(UnavailableError);
    } finally {
      await door.open();
    }
    expect(taken).toBeGreaterThan(MEBIBYTE);
    expect(taken).toBeLessThanOrEqual(PART + 65_536);
  });

  it('loses what dead writers left behind, and nothing that is being written', async () => {
    const { name: Bucket, s3 } = bucket;
    for (const Key of ['some/prefix/left', 'others/left']) await s3.createMultipartUpload({ Bucket, Key });
    await storage.removeAbandoned();
    expect((await uploads('left')).sort()).toEqual(['others/left', 'some/prefix/left']);
    await storage.removeAbandoned(Date.now() + 25 * 3_600_000);
    expect(await uploads('left')).toEqual(['others/left']);
  });

  it('loses what dead writers left below a prefix with the objects there', async () => {
    const { name: Bucket, s3 } = bucket;
    for (const Key of ['some/prefix/a/b/dead', 'some/prefix/a/bc/dead'])
      await s3.createMultipartUpload({ Bucket, Key });
    await storage.deleteAll('a/b');
    expect(await uploads('dead')).toEqual(['some/prefix/a/bc/dead']);
    await storage.deleteAll('a');
    expect(await uploads('dead')).toEqual([]);
  });

  it('goes on reading where a connection broke', async () => {
    const bytes = randomBytes(9 * MEBIBYTE);
    await storage.put('broken', chunksOf(bytes, MEBIBYTE));
    const read: Buffer[] = [];
    for await (const chunk of (await storage.read('broken')) as AsyncIterable<Buffer>) {
      read.push(chunk);
      await door.shut();
      await door.open();
    }
    expect(Buffer.concat(read).equals(bytes)).toBe(true);
  });

  it('ends a reading with an error rather than with bytes of two objects', async () => {
    await storage.put('replaced', chunksOf(Buffer.alloc(9 * MEBIBYTE, 'a'), MEBIBYTE));
    const stream = await storage.read('replaced');
    await storage.put('replaced', chunksOf(Buffer.alloc(9 * MEBIBYTE, 'b'), MEBIBYTE));
    await expect(text(stream)).rejects.toThrow(UnavailableError);
  });

  it('says that it is not available while the store is away or does not answer, and recovers', async () => {
    await storage.put('there', chunksOf(Buffer.from('x'), 1));
    const all = () => [
      storage.put('new', chunksOf(Buffer.from('y'), 1)),
      storage.read('there'),
      storage.size('there'),
      storage.list('there'),
      storage.delete('there'),
      storage.deleteAll('there'),
    ];
    await door.shut();
    for (const one of await Promise.allSettled(all())) {
      expect(one).toMatchObject({ status: 'rejected', reason: { dependency: 'object-storage' } });
    }
    await door.open();
    door.freeze();
    for (const one of await Promise.allSettled(all())) {
      expect(one).toMatchObject({ status: 'rejected', reason: { dependency: 'object-storage' } });
    }
    await expect(storage.check()).rejects.toThrow(UnusableStorageError);
    await door.open();
    await storage.check();
    await storage.put('there', chunksOf(Buffer.from('z'), 1));
    expect(await text(await storage.read('there'))).toBe('z');
  });

  interface Wrong extends Partial<S3Settings> {
    readonly id?: string;
    readonly secret?: string;
  }
  it.each<[string, Wrong, string]>([
    ['a bucket that is not there', { bucket: 'tessera-test-missing' }, 'create the bucket'],
    ['a wrong secret', { secret: 'not the one' }, 'check OBJECT_STORAGE_ACCESS_KEY_ID'],
    ['an unknown key', { id: 'somebody' }, 'check OBJECT_STORAGE_ACCESS_KEY_ID'],
    ['a store that is not there', { endpoint: 'http://127.0.0.1:1' }, 'check OBJECT_STORAGE_ENDPOINT'],
  ])('is told from %s with what to do, and without secrets', async (_, { id, secret, ...wrong }, advice) => {
    const { accessKeyId, secretAccessKey } = settings.credentials!;
    const credentials = { accessKeyId: id ?? accessKeyId, secretAccessKey: secret ?? secretAccessKey };
    const unusable = new S3Bucket({ ...settings, credentials, ...wrong });
    const error = await unusable.check().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UnusableStorageError);
    expect((error as Error).message).toContain(advice);
    await expect(unusable.size('x')).rejects.toThrow(UnavailableError);
    await expect(unusable.read('x')).rejects.toThrow(UnavailableError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(
      new RegExp([credentials.secretAccessKey, id ?? 'no other key'].join('|')),
    );
  });
});
