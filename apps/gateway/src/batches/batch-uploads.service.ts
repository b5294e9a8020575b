import { Inject, Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import type { Tenant } from '@tessera/contracts';
import { problem, ProblemError, type BodyStream } from '@tessera/http';
import { batchObjects, ObjectTooLargeError } from '@tessera/object-storage';
import { BatchStore, BatchUploadStore, type Batch, type BatchFile, type BatchFileContent } from '@tessera/stores';
import { BatchesService, unknownBatch } from './batches.service.js';
import type { ContentRange } from './content-range.js';
import { OBJECT_STORAGE, type ObjectStorage } from './object-storage.token.js';
import { completed, unknownFile, withPart } from './upload-decisions.js';

export const MAX_PART_BYTES = Symbol('largest part of a file, in bytes');

/** Which file of which batch. */
export interface FilePlace {
  readonly tenant: Tenant;
  readonly batchId: string;
  readonly datasetId: string;
  /** Checked. */
  readonly path: string;
}

/** A file after a change, and whether there was none before. */
export interface Uploaded {
  readonly file: BatchFile;
  readonly isNew: boolean;
}

/**
 * Takes the files of batches. Bytes go straight into an object of their own, and only then does the batch hear of them: a
 * client that goes away leaves nothing, and one that sends a file again replaces it as a whole.
 */
@Injectable()
export class BatchUploadsService {
  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(BatchUploadStore) private readonly uploads: BatchUploadStore,
    @Inject(BatchesService) private readonly service: BatchesService,
    @Inject(OBJECT_STORAGE) private readonly storage: ObjectStorage,
    @Inject(MAX_PART_BYTES) private readonly maxPartBytes: number,
  ) {}

  /** Stores a whole file. @throws ProblemError `unknown-batch`, `batch-status`, `body-too-large`. */
  async put(place: FilePlace, body: BodyStream): Promise<Uploaded> {
    await this.loadingBatch(place);
    const key = this.newKey(place);
    const size = await this.store(key, body, this.maxPartBytes);
    const parts = size === 0 ? [] : [{ start: 0, size, key }];
    if (size === 0) await this.storage.delete(key);
    return this.change(place, () => ({ parts, state: 'complete' }), key);
  }

  /** Begins a file that comes in parts, anew where there is one. @throws ProblemError `unknown-batch`, `batch-status`. */
  async initialize(place: FilePlace): Promise<Uploaded> {
    await this.loadingBatch(place);
    return this.change(place, () => ({ parts: [], state: 'open' }));
  }

  /** Stores a part. @throws ProblemError as {@link withPart}, and where the body is not what its range says. */
  async putPart(place: FilePlace, range: ContentRange, body: BodyStream): Promise<Uploaded> {
    await this.loadingBatch(place);
    const { start, size, total } = range;
    const part = { start, size, key: this.newKey(place) };
    const decide = (file: BatchFile | undefined) => withPart(file, place.path, part, total);
    // What would be refused anyway is refused before it is sent.
    decide(await this.file(place));
    if (size > this.maxPartBytes) throw tooLarge(this.maxPartBytes);
    if (body.announced !== undefined && body.announced !== size) throw notAsRange(range);
    const stored = await this.store(part.key, body, size, () => notAsRange(range));
    if (stored !== size) {
      await this.storage.delete(part.key);
      throw notAsRange(range);
    }
    return this.change(place, decide, part.key);
  }

  /** Ends a file that came in parts. @throws ProblemError as {@link completed}. */
  async complete(place: FilePlace): Promise<Uploaded> {
    await this.loadingBatch(place);
    return this.change(place, (file) => completed(file, place.path));
  }

  /** @throws ProblemError `unknown-batch`, `unknown-batch-file`. */
  async get(place: FilePlace): Promise<BatchFile> {
    await this.batchOf(place);
    const file = await this.file(place);
    if (file === undefined) throw unknownFile(place.path);
    return file;
  }

  private file({ tenant, batchId, path }: FilePlace): Promise<BatchFile | undefined> {
    return this.batches.file(tenant, batchId, path);
  }

  private async batchOf({ tenant, batchId, datasetId }: FilePlace): Promise<Batch> {
    const batch = await this.service.get(tenant, batchId);
    if (batch.datasetId === datasetId) return batch;
    throw problem('unknown-batch', {
      detail: `The batch ${batch.id} is not for the dataset ${datasetId.slice(0, 64)}.`,
    });
  }

  private async loadingBatch(place: FilePlace): Promise<void> {
    const { status } = await this.batchOf(place);
    if (status !== 'loading') throw notLoading(status);
  }

  private newKey({ tenant, batchId }: FilePlace): string {
    return batchObjects(tenant, batchId).upload(ulid());
  }

  private async store(
    key: string,
    { announced, chunks }: BodyStream,
    maxBytes: number,
    whenLarger = () => tooLarge(maxBytes),
  ): Promise<number> {
    if (announced !== undefined && announced > maxBytes) throw whenLarger();
    try {
      return await this.storage.put(key, chunks, { maxBytes });
    } catch (error) {
      throw error instanceof ObjectTooLargeError ? whenLarger() : error;
    }
  }

  /** Lets the batch know, and removes what its file no longer consists of. @param key of what was just stored. */
  private async change(
    place: FilePlace,
    decide: (file: BatchFile | undefined) => BatchFileContent,
    key?: string,
  ): Promise<Uploaded> {
    try {
      const changed = await this.uploads.changeFile(place.tenant, place.batchId, place.path, decide);
      if (changed === undefined) {
        const batch = await this.batches.find(place.tenant, place.batchId);
        throw batch === undefined ? unknownBatch(place.batchId) : notLoading(batch.status);
      }
      const { before, after } = changed;
      const kept = new Set(after.parts.map((part) => part.key));
      const obsolete = before?.parts.filter((part) => !kept.has(part.key)) ?? [];
      await Promise.all(obsolete.map((part) => this.storage.delete(part.key)));
      return { file: after, isNew: before === undefined };
    } catch (error) {
      // Whether a change that met an outage was made is not known; its object must then stay.
      if (error instanceof ProblemError && key !== undefined) await this.storage.delete(key);
      throw error;
    }
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return problem('body-too-large', {
    detail: `A file, or a part of one, has ${maxBytes} bytes at most. Send it in parts by PATCH, or split the file.`,
  });
}

function notAsRange({ start, size }: ContentRange): ProblemError {
  return problem('malformed-request', {
    detail: `The body must be the ${size} bytes ${start}-${start + size - 1} that Content-Range says.`,
  });
}

function notLoading(status: string): ProblemError {
  return problem('batch-status', { detail: `Files are taken while a batch is loading; this one is ${status}.` });
}
