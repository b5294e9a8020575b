import { randomBytes } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';

const PREFIX = 'tessera-test-';

/** An S3-compatible store, as services are told of it. */
export interface S3Environment {
  readonly OBJECT_STORAGE_ENDPOINT: string;
  readonly OBJECT_STORAGE_ACCESS_KEY_ID: string;
  readonly OBJECT_STORAGE_SECRET_ACCESS_KEY: string;
}

/** A bucket of one test run. */
export interface TestBucket {
  readonly name: string;
  /** Variables of a service that keeps its files there, below a prefix. */
  readonly environment: S3Environment & { readonly OBJECT_STORAGE_URL: string };
  /** For looking at the bucket past the code under test. */
  readonly s3: S3;
  /** Removes the bucket with everything in it. */
  drop(): Promise<void>;
}

/**
 * The real S3-compatible store of this test run, of `S3_URL`: `http://KEY_ID:SECRET@host:port`.
 *
 * @throws Error when the environment does not name it.
 */
export function testS3(environment: Readonly<Record<string, string | undefined>> = process.env): S3Environment {
  const { S3_URL } = environment;
  if (!S3_URL) {
    throw new Error(
      'These tests need a real S3-compatible store: run "npm test -- <path>", which brings one up, or set S3_URL ' +
        'to http://KEY_ID:SECRET@host:port.',
    );
  }
  const { origin, username, password } = new URL(S3_URL);
  return {
    OBJECT_STORAGE_ENDPOINT: origin,
    OBJECT_STORAGE_ACCESS_KEY_ID: decodeURIComponent(username),
    OBJECT_STORAGE_SECRET_ACCESS_KEY: decodeURIComponent(password),
  };
}

/** Creates a bucket that no other test run uses. */
export async function createTestBucket(): Promise<TestBucket> {
  const store = testS3();
  const name = `${PREFIX}${randomBytes(6).toString('hex')}`;
  const s3 = new S3({
    region: 'us-east-1',
    endpoint: store.OBJECT_STORAGE_ENDPOINT,
    forcePathStyle: true,
    credentials: {
      accessKeyId: store.OBJECT_STORAGE_ACCESS_KEY_ID,
      secretAccessKey: store.OBJECT_STORAGE_SECRET_ACCESS_KEY,
    },
  });
  await s3.createBucket({ Bucket: name });
  return {
    name,
    environment: { ...store, OBJECT_STORAGE_URL: `s3://${name}/some/prefix` },
    s3,
    drop: async () => {
      await dropTestBucket(s3, name);
      s3.destroy();
    },
  };
}

/**
 * Removes a bucket with everything in it.
 *
 * @throws Error for a name that is not a test's: nothing else may be removed.
 */
export async function dropTestBucket(s3: S3, name: string): Promise<void> {
  if (!name.startsWith(PREFIX)) throw new Error(`Refused to remove "${name}": a test bucket is named ${PREFIX}….`);
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket: name });
  for (const { Key, UploadId } of Uploads) await s3.abortMultipartUpload({ Bucket: name, Key, UploadId });
  for (;;) {
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: name });
    if (Contents.length === 0) break;
    await s3.deleteObjects({ Bucket: name, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } });
  }
  await s3.deleteBucket({ Bucket: name });
}
