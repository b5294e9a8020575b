import { UnavailableError } from '@tessera/contracts';
import type { S3Connection } from './s3-connection.js';
import { S3Fault } from './s3-fault.js';

/** Milliseconds after its beginning when an upload that never became an object is removed: its writer is dead. */
const ABANDONED_AFTER = 24 * 3_600_000;

/**
 * Multipart uploads that never became an object, or have not yet. Nobody can read them, but a store keeps, and bills, what
 * it has of them until they are aborted.
 */
export class UnfinishedUploads {
  constructor(
    private readonly connection: S3Connection,
    private readonly bucket: string,
  ) {}

  /** Aborts those whose writers must be dead. @param below what keys begin with. @throws UnavailableError */
  async removeAbandoned(below: string, now: number): Promise<void> {
    await this.remove(below, now - ABANDONED_AFTER);
  }

  /** Aborts those begun before a time, or all, also of writers that live. @throws UnavailableError */
  async remove(below: string, begunBefore = Infinity): Promise<void> {
    const { bucket: Bucket } = this;
    for (let next = {}; ;) {
      const request = { Bucket, Prefix: below, ...next };
      const page = await this.connection.request((s3) => s3.listMultipartUploads(request));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        const isOld = Initiated !== undefined && Initiated.getTime() < begunBefore;
        if (isOld || begunBefore === Infinity) await this.abort(Key, UploadId);
      }
      if (page.IsTruncated !== true) return;
      next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  private async abort(Key: string | undefined, UploadId: string | undefined): Promise<void> {
    const { bucket: Bucket } = this;
    try {
      await this.connection.request((s3) => s3.abortMultipartUpload({ Bucket, Key, UploadId }));
    } catch (error) {
      const fault = error instanceof UnavailableError ? error.cause : undefined;
      // It became an object meanwhile, or somebody else aborted it.
      if (!(fault instanceof S3Fault) || fault.code !== 'NoSuchUpload') throw error;
    }
  }
}
