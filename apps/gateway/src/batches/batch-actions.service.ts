import { Inject, Injectable } from '@nestjs/common';
import type { JobType } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import { batchObjects } from '@tessera/object-storage';
import { BatchStore, BatchUploadStore, revertJobId, type Batch, type BatchChanges } from '@tessera/stores';
import { BatchesService } from './batches.service.js';
import { OBJECT_STORAGE, type ObjectStorage } from './object-storage.token.js';

export const batchActions = ['COMPLETE', 'ABORT', 'FAIL', 'REVERT'] as const;
export type BatchAction = (typeof batchActions)[number];

/**
 * What clients do with a batch as a whole. Each action may be repeated: what was done is not done again, and what an
 * outage kept from being done is.
 */
@Injectable()
export class BatchActionsService {
  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(BatchUploadStore) private readonly uploads: BatchUploadStore,
    @Inject(BatchesService) private readonly service: BatchesService,
    @Inject(OBJECT_STORAGE) private readonly storage: ObjectStorage,
    @Inject(JobCommands) private readonly commands: JobCommands,
  ) {}

  /** @throws ProblemError `unknown-batch`, `batch-status`, `upload-incomplete`; UnavailableError: repeat it. */
  async act(requester: Requester, id: string, action: BatchAction): Promise<void> {
    const changes = { updatedUser: requester.clientId, requestId: requester.requestId };
    switch (action) {
      case 'COMPLETE':
        return this.complete(requester, id, changes);
      case 'ABORT':
        return this.giveUp(requester, id, 'aborted', changes);
      case 'FAIL': {
        const errors = [{ code: 'failed-by-client', description: 'Its client said that it failed.', recordCount: 0 }];
        return this.giveUp(requester, id, 'failed', { ...changes, errors });
      }
      case 'REVERT':
        return this.revert(requester, id, changes);
    }
  }

  private async complete(
    requester: Requester,
    id: string,
    by: { readonly updatedUser: string; readonly requestId: string },
  ): Promise<void> {
    const { tenant } = requester;
    const completion = await this.uploads.complete(tenant, id, by);
    if (completion && 'openFiles' in completion) {
      throw problem('upload-incomplete', {
        detail: `Files are not completed yet: ${completion.openFiles.join(', ').slice(0, 1_024)}.`,
      });
    }
    const batch = completion?.batch ?? (await this.service.get(tenant, id));
    if (batch.status === 'loaded' || batch.status === 'staged') {
      await this.commission(requester, batch, 'INGEST_BATCH', `batch-${id}`);
      return;
    }
    // Where it was completed before, its status says what came of that.
    if (batch.completedAt === undefined || batch.status === 'aborted') throw wrongStatus(batch, 'completed');
  }

  private async giveUp(
    { tenant }: Requester,
    id: string,
    to: 'aborted' | 'failed',
    changes: BatchChanges,
  ): Promise<void> {
    const moved = await this.batches.transition(tenant, id, ['loading', 'loaded', 'staged'], to, changes);
    const batch = moved ?? (await this.service.get(tenant, id));
    if (batch.status !== to) throw wrongStatus(batch, to);
    await this.storage.deleteAll(batchObjects(tenant, id).uploads);
  }

  /** Its rows are hidden or gone once the job is done; whoever still writes for the batch finds it inactive. */
  private async revert(requester: Requester, id: string, changes: BatchChanges): Promise<void> {
    const { tenant } = requester;
    const moved = await this.batches.transition(tenant, id, ['success'], 'inactive', changes);
    const batch = moved ?? (await this.service.get(tenant, id));
    if (batch.status !== 'inactive') throw wrongStatus(batch, 'reverted');
    await this.commission(requester, batch, 'REVERT_BATCH', revertJobId(id));
    await this.storage.deleteAll(batchObjects(tenant, id).uploads);
  }

  private async commission(
    { tenant, clientId, requestId }: Requester,
    batch: Batch,
    type: JobType,
    jobId: string,
  ): Promise<void> {
    const properties = { batchId: batch.id, datasetId: batch.datasetId };
    const order = { requestedBy: clientId, requestId, createdAt: Date.now() };
    await this.commands.submit(tenant, { id: jobId, type, properties, ...order });
  }
}

function wrongStatus({ status }: Batch, wanted: string): ProblemError {
  return problem('batch-status', { detail: `A batch that is ${status} cannot be ${wanted}.` });
}
