import { Readable } from 'node:stream';
import { UnavailableError } from '@tessera/contracts';
import { checkedKey } from './object-key.js';
import {
  UnknownObjectError,
  UnusableStorageError,
  type ByteRange,
  type ObjectKey,
  type ObjectStorage,
  type PutOptions,
  type StoredObject,
} from './object-storage.js';
import { S3Connection, type S3Settings } from './s3-connection.js';
import { S3Fault } from './s3-fault.js';
import { readObject } from './s3-read.js';
import { UnfinishedUploads } from './s3-unfinished-uploads.js';
import { S3Upload } from './s3-upload.js';

/** Milliseconds a store has to answer a check: readiness and an orderly stop wait for it. */
const CHECK_WITHIN = 3_000;

/**
 * Objects in a bucket of any S3-compatible store. A bucket has no renaming, and needs none: an object is there once its
 * last byte was accepted, and until then only an upload that no reader sees.
 */
export class S3Bucket implements ObjectStorage {
  private readonly connection: S3Connection;
  private readonly unfinished: UnfinishedUploads;

  constructor(private readonly settings: S3Settings) {
    this.connection = new S3Connection(settings);
    this.unfinished = new UnfinishedUploads(this.connection, settings.bucket);
  }

  async put(key: ObjectKey, source: AsyncIterable<Uint8Array>, { maxBytes }: PutOptions = {}): Promise<number> {
    const place = this.place(key);
    return new S3Upload(this.connection, place).store(source, maxBytes ?? Infinity);
  }

  async read(key: ObjectKey, { from = 0, to = Infinity }: ByteRange = {}): Promise<Readable> {
    const place = this.place(key);
    if (to <= from) {
      if ((await this.size(key)) === undefined) throw new UnknownObjectError(key);
      return Readable.from([]);
    }
    const stream = await readObject(this.connection, place, { from, to });
    if (stream === undefined) throw new UnknownObjectError(key);
    return stream;
  }

  async size(key: ObjectKey): Promise<number | undefined> {
    const place = this.place(key);
    try {
      return (await this.connection.request((s3) => s3.headObject(place))).ContentLength ?? 0;
    } catch (error) {
      if (!(faultIn(error)?.isMissing ?? false)) throw error;
    }
    // A missing bucket is answered in the same way.
    await this.connection.request((s3) => s3.headBucket({ Bucket: this.settings.bucket }));
    return undefined;
  }

  async list(prefix: ObjectKey): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const page of this.pages(prefix)) found.push(...page);
    // Not every store lists by key alone: some go through folders.
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async delete(key: ObjectKey): Promise<void> {
    const place = this.place(key);
    await this.connection.request((s3) => s3.deleteObject(place));
  }

  async deleteAll(prefix: ObjectKey): Promise<void> {
    await this.unfinished.remove(this.below(checkedKey(prefix)));
    for await (const page of this.pages(prefix)) {
      const objects = page.map(({ key }) => ({ Key: this.place(key).Key }));
      const request = { Bucket: this.settings.bucket, Delete: { Objects: objects, Quiet: true } };
      const { Errors: [refused] = [] } = await this.connection.request((s3) => s3.deleteObjects(request));
      if (refused === undefined) continue;
      throw new UnavailableError('object-storage', new S3Fault(refused.Code ?? 'Error', refused.Message ?? ''));
    }
  }

  async removeAbandoned(now = Date.now()): Promise<void> {
    await this.unfinished.removeAbandoned(this.below(''), now);
  }

  localPath(key: ObjectKey): undefined {
    checkedKey(key);
  }

  async check(): Promise<void> {
    const { bucket, endpoint } = this.settings;
    const abortSignal = AbortSignal.timeout(CHECK_WITHIN);
    try {
      // Answers with a reason, which HeadBucket does not.
      const request = { Bucket: bucket, MaxKeys: 1, Prefix: this.below('') };
      await this.connection.request((s3) => s3.listObjectsV2(request, { abortSignal }));
    } catch (error) {
      const fault = faultIn(error) ?? S3Fault.of(error);
      const where = endpoint === undefined ? '' : ` at ${endpoint}`;
      const reason = abortSignal.aborted ? `no answer within ${CHECK_WITHIN} ms` : fault.message;
      const message = `the bucket ${bucket}${where} cannot be used (${reason}): ${fault.advice}`;
      throw new UnusableStorageError(message, { cause: error });
    }
  }

  /** Pages of up to a thousand objects, in the order of the store. */
  private async *pages(prefix: ObjectKey): AsyncGenerator<StoredObject[]> {
    const request = { Bucket: this.settings.bucket, Prefix: this.below(checkedKey(prefix)) };
    const own = this.below('').length;
    for (let next: string | undefined; ;) {
      const token = next === undefined ? {} : { ContinuationToken: next };
      const answer = await this.connection.request((s3) => s3.listObjectsV2({ ...request, ...token }));
      const page = (answer.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key.slice(own), size: Size }));
      if (page.length > 0) yield page;
      next = answer.NextContinuationToken;
      if (answer.IsTruncated !== true || next === undefined) return;
    }
  }

  private place(key: ObjectKey): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.settings;
    const own = checkedKey(key);
    return { Bucket: bucket, Key: prefix === '' ? own : checkedKey(`${prefix}/${own}`) };
  }

  /** What keys of objects below a prefix begin with. */
  private below(prefix: string): string {
    return [this.settings.prefix, prefix]
      .filter((part) => part !== '')
      .map((part) => `${part}/`)
      .join('');
  }
}

function faultIn(error: unknown): S3Fault | undefined {
  return error instanceof UnavailableError && error.cause instanceof S3Fault ? error.cause : undefined;
}
