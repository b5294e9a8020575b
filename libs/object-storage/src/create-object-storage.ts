import { fileURLToPath } from 'node:url';
import { LocalFolder } from './local-folder.js';
import type { ObjectStorage } from './object-storage.js';

/** The store behind an address (`OBJECT_STORAGE_URL`): `file:///a/shared/folder`. */
export function createObjectStorage(url: string): ObjectStorage {
  return new LocalFolder(fileURLToPath(url));
}
