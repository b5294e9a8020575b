import { ObjectTooLargeError } from './object-storage.js';
import type { S3Connection } from './s3-connection.js';

/** Bytes of every part but the last: the least that S3 takes, so that many uploads at once need little memory. */
const PART_BYTES = 5 * 1_048_576;
/** S3 takes no more. */
const MOST_PARTS = 10_000;

/** Bytes of an object at most. */
export const LARGEST_OBJECT = PART_BYTES * MOST_PARTS;

interface Part {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/**
 * Stores one object: in one request when it fits into a part, else as a multipart upload, which becomes an object at its
 * end. Holds one part at a time, and takes nothing from the source while that is sent.
 */
export class S3Upload {
  private uploadId: string | undefined;
  private readonly parts: Part[] = [];
  private buffer = Buffer.alloc(0);
  private filled = 0;

  constructor(
    private readonly connection: S3Connection,
    private readonly place: { readonly Bucket: string; readonly Key: string },
  ) {}

  /** @returns bytes stored. @throws ObjectTooLargeError beyond `maxBytes`; UnavailableError; whatever the source throws. */
  async store(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
    const most = Math.min(maxBytes, LARGEST_OBJECT);
    try {
      let size = 0;
      for await (const chunk of source) {
        size += chunk.length;
        if (size > most) throw new ObjectTooLargeError(most);
        await this.add(chunk);
      }
      await this.finish();
      return size;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  private async add(chunk: Uint8Array): Promise<void> {
    for (let taken = 0; taken < chunk.length;) {
      if (this.filled === PART_BYTES) await this.sendPart();
      const some = chunk.subarray(taken, taken + PART_BYTES - this.filled);
      this.room(this.filled + some.length).set(some, this.filled);
      this.filled += some.length;
      taken += some.length;
    }
  }

  /** The buffer, grown in doubling steps: most objects are far smaller than a part. */
  private room(wanted: number): Buffer {
    if (this.buffer.length < wanted) {
      const grown = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, Math.max(wanted, 2 * this.buffer.length, 65_536)));
      grown.set(this.buffer.subarray(0, this.filled));
      this.buffer = grown;
    }
    return this.buffer;
  }

  private async sendPart(): Promise<void> {
    const { place } = this;
    this.uploadId ??= (await this.connection.request((s3) => s3.createMultipartUpload(place))).UploadId;
    const number = this.parts.length + 1;
    const part = { ...place, UploadId: this.uploadId, PartNumber: number, Body: this.buffer.subarray(0, this.filled) };
    const { ETag } = await this.connection.request((s3) => s3.uploadPart(part));
    this.parts.push({ PartNumber: number, ETag });
    this.filled = 0;
  }

  private async finish(): Promise<void> {
    const { place, uploadId } = this;
    if (uploadId === undefined) {
      const whole = { ...place, Body: this.buffer.subarray(0, this.filled) };
      await this.connection.request((s3) => s3.putObject(whole));
      return;
    }
    if (this.filled > 0) await this.sendPart();
    const upload = { ...place, UploadId: uploadId, MultipartUpload: { Parts: this.parts } };
    await this.connection.request((s3) => s3.completeMultipartUpload(upload));
  }

  /** What cannot be removed now is so when it counts as abandoned. */
  private async abort(): Promise<void> {
    const { place, uploadId } = this;
    if (uploadId === undefined) return;
    const upload = { ...place, UploadId: uploadId };
    await this.connection.request((s3) => s3.abortMultipartUpload(upload)).catch(() => undefined);
  }
}
