import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError } from '@tessera/http';
import { batchObjects, UnknownObjectError, type StoredObject } from '@tessera/object-storage';
import { BatchStore, type Batch, type BatchFile } from '@tessera/stores';
import { BatchesService } from './batches.service.js';
import { OBJECT_STORAGE, type ObjectStorage } from './object-storage.token.js';

/** One file of a batch that can be downloaded. */
export interface Download {
  readonly size: number;
  readonly bytes: Readable;
}

/** Gives out what there is about the rows of a batch. */
@Injectable()
export class BatchExportService {
  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(BatchesService) private readonly service: BatchesService,
    @Inject(OBJECT_STORAGE) private readonly storage: ObjectStorage,
  ) {}

  /** Files of bad rows, by name; none where there are no bad rows or none were to be kept. @throws ProblemError `unknown-batch`. */
  async rowErrors(tenant: Tenant, batchId: string): Promise<ReadonlyMap<string, StoredObject>> {
    await this.service.get(tenant, batchId);
    const { rowErrors } = batchObjects(tenant, batchId);
    const objects = await this.storage.list(rowErrors);
    return new Map(objects.map((object) => [object.key.slice(rowErrors.length + 1), object]));
  }

  /**
   * One file of bad rows.
   *
   * @param name one of those that {@link rowErrors} lists; it is compared, never made part of a key.
   * @throws ProblemError `unknown-batch`, `unknown-batch-file`.
   */
  async openRowErrors(tenant: Tenant, batchId: string, name: string): Promise<Download> {
    const object = (await this.rowErrors(tenant, batchId)).get(name);
    if (object === undefined) throw unknownDownload(name);
    try {
      return { size: object.size, bytes: await this.storage.read(object.key) };
    } catch (error) {
      throw error instanceof UnknownObjectError ? unknownDownload(name) : error;
    }
  }

  /** @throws ProblemError `unknown-batch`. */
  batch(tenant: Tenant, batchId: string): Promise<Batch> {
    return this.service.get(tenant, batchId);
  }

  /** Files that were uploaded, in their order. @throws ProblemError `unknown-batch`. */
  async uploads(tenant: Tenant, batchId: string, page: { start: number; limit: number }): Promise<BatchFile[]> {
    await this.service.get(tenant, batchId);
    return this.batches.files(tenant, batchId, page);
  }
}

function unknownDownload(name: string): ProblemError {
  return problem('unknown-batch-file', { detail: `The batch has no file ${name.slice(0, 256)} to download.` });
}
