import { fileURLToPath } from 'node:url';
import { LocalFolder } from './local-folder.js';
import type { ObjectStorage } from './object-storage.js';
import { S3Bucket } from './s3-bucket.js';

/** What the environment of a service says about where files are kept. */
export interface ObjectStorageEnvironment {
  /** `file:///a/shared/folder`, or `s3://bucket/prefix`, for which the others are. */
  readonly OBJECT_STORAGE_URL: string;
  readonly OBJECT_STORAGE_ENDPOINT?: string | undefined;
  readonly OBJECT_STORAGE_REGION?: string | undefined;
  readonly OBJECT_STORAGE_ACCESS_KEY_ID?: string | undefined;
  readonly OBJECT_STORAGE_SECRET_ACCESS_KEY?: string | undefined;
  readonly OBJECT_STORAGE_PATH_STYLE?: boolean | undefined;
}

/** The store that an environment names. Nothing is connected yet. */
export function createObjectStorage(environment: ObjectStorageEnvironment): ObjectStorage {
  const url = new URL(environment.OBJECT_STORAGE_URL);
  if (url.protocol === 'file:') return new LocalFolder(fileURLToPath(url));
  const {
    OBJECT_STORAGE_ENDPOINT: endpoint,
    OBJECT_STORAGE_REGION: region = 'us-east-1',
    OBJECT_STORAGE_ACCESS_KEY_ID: accessKeyId,
    OBJECT_STORAGE_SECRET_ACCESS_KEY: secretAccessKey,
    // Stores other than Amazon's seldom have a host name for every bucket.
    OBJECT_STORAGE_PATH_STYLE: pathStyle = endpoint !== undefined,
  } = environment;
  const isGiven = accessKeyId !== undefined && secretAccessKey !== undefined;
  return new S3Bucket({
    bucket: url.hostname,
    prefix: url.pathname.split('/').filter(Boolean).join('/'),
    ...{ region, endpoint, pathStyle },
    credentials: isGiven ? { accessKeyId, secretAccessKey } : undefined,
  });
}
