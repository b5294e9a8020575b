import type { ObjectStorage } from '@tessera/object-storage';

/** Where files are kept. */
export const OBJECT_STORAGE = Symbol('object storage');
export type { ObjectStorage };
