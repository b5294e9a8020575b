import type { S3Connection } from './s3-connection.js';

/** Milliseconds after its beginning when an upload that never became an object is removed: its writer is dead. */
const ABANDONED_AFTER = 24 * 3_600_000;

export interface AbandonedUploadsOptions {
  readonly bucket: string;
  /** What keys must begin with. */
  readonly below: string;
}

/**
 * Multipart uploads whose writers died. Nobody can read them, but a store keeps, and bills, what it has of them until they
 * are aborted.
 */
export class AbandonedUploads {
  private nextAt = 0;

  constructor(
    private readonly connection: S3Connection,
    private readonly options: AbandonedUploadsOptions,
  ) {}

  /** Removes them, at first and once a day. Those that cannot be removed stay for the next time: nothing depends on it. */
  async removeWhenDue(now = Date.now()): Promise<void> {
    if (now < this.nextAt) return;
    this.nextAt = now + ABANDONED_AFTER;
    await this.remove(now - ABANDONED_AFTER).catch(() => undefined);
  }

  /** Removes those begun before a time. @throws UnavailableError */
  async remove(begunBefore: number): Promise<void> {
    const { bucket: Bucket, below: Prefix } = this.options;
    for (let next = {}; ;) {
      const page = await this.connection.request((s3) => s3.listMultipartUploads({ Bucket, Prefix, ...next }));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Initiated === undefined || Initiated.getTime() >= begunBefore) continue;
        await this.connection.request((s3) => s3.abortMultipartUpload({ Bucket, Key, UploadId }));
      }
      if (page.IsTruncated !== true) return;
      next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }
}
