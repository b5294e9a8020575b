import type { Readable } from 'node:stream';

/** What to call an object: see {@link objectKey}. */
export type ObjectKey = string;

/** An object as lists show it. */
export interface StoredObject {
  readonly key: ObjectKey;
  /** Bytes. */
  readonly size: number;
}

/** Bytes of an object: `from` up to but not including `to`; to its end where `to` is not said or lies beyond it. */
export interface ByteRange {
  readonly from?: number;
  readonly to?: number;
}

export interface PutOptions {
  /** Bytes after which a source counts as too large. */
  readonly maxBytes?: number;
}

/**
 * A store of immutable objects, shared by all instances of all services. An object is put as a whole and never changed in
 * part: no appending, no renaming, no folders of their own. Putting under a key that is taken replaces the object, and
 * readers see the one or the other. Every method throws {@link UnavailableError} `object-storage` when the store fails (a
 * full disk, a folder that is gone, a bucket that does not answer), and `InvalidKeyError` for what is not a key.
 */
export interface ObjectStorage {
  /**
   * Stores a stream without holding it: of the bytes that were taken from it, at most a few megabytes are not written yet.
   * Nobody can read the object before all of it is there. When this returns, the object is durable; when it throws, nothing
   * is left of it. The source is read to its end or left where it is, not destroyed.
   *
   * @returns bytes stored.
   * @throws ObjectTooLargeError beyond `maxBytes`; whatever the source throws.
   */
  put(key: ObjectKey, source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<number>;

  /**
   * Opens an object for reading. Destroy the stream to stop early. What goes wrong later destroys the stream; an object that
   * is replaced meanwhile does so too, or is read as it was.
   *
   * @throws UnknownObjectError
   */
  read(key: ObjectKey, range?: ByteRange): Promise<Readable>;

  /** Bytes of an object; `undefined` when there is none. */
  size(key: ObjectKey): Promise<number | undefined>;

  /** Every object below a prefix, by key. A prefix consists of whole parts of a key: `a/b` has `a/b/c`, not `a/bc`. */
  list(prefix: ObjectKey): Promise<StoredObject[]>;

  /** Removes an object, if it is there. */
  delete(key: ObjectKey): Promise<void>;

  /**
   * Removes every object below a prefix, as {@link list} has them, and whatever there is of objects that are not whole yet:
   * their writers may be dead. One that lives finds out by {@link put}, which throws UnavailableError or is just ahead.
   */
  deleteAll(prefix: ObjectKey): Promise<void>;

  /**
   * Removes what dead writers left of objects that never became whole: of a folder's, what got no byte for an hour; a
   * bucket's tells only when it was begun, so that a day has to pass. May be done by several at once.
   */
  removeAbandoned(now?: number): Promise<void>;

  /** Where an object lies on this machine, for readers that want a file; `undefined` for stores elsewhere. */
  localPath(key: ObjectKey): string | undefined;

  /** Resolves when the store can be used. @throws UnusableStorageError saying why not, and what to do. */
  check(): Promise<void>;
}

/** A store cannot be used, now or as it is configured. The message is for whoever runs the service, and holds no secrets. */
export class UnusableStorageError extends Error {
  override readonly name = 'UnusableStorageError';
}

/** The source of an object has more bytes than it may have. */
export class ObjectTooLargeError extends Error {
  override readonly name = 'ObjectTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`an object of more than ${maxBytes} bytes`);
  }
}

/** There is no object of this key. */
export class UnknownObjectError extends Error {
  override readonly name = 'UnknownObjectError';

  constructor(key: ObjectKey) {
    super(`no object ${key}`);
  }
}
