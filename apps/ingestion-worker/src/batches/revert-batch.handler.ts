import { JobFailure, type JobContext, type JobHandler, type JobTurn } from '@tessera/jobs';
import type { BatchStore, Job } from '@tessera/stores';
import type { BatchRemoval } from './batch-removal.js';

export interface RevertBatchHandlerParts {
  readonly batches: BatchStore;
  readonly removal: BatchRemoval;
}

/** Takes back a batch that had succeeded: its events, the records it wrote, and what it said about identities. */
export class RevertBatchHandler implements JobHandler {
  readonly type = 'REVERT_BATCH';

  constructor(private readonly parts: RevertBatchHandlerParts) {}

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const { batches, removal } = this.parts;
    const { batchId } = job.properties;
    if (typeof batchId !== 'string') throw new JobFailure('The job names no batch.');
    // First the state, so that whatever still writes for the batch finds out; the removal may then be repeated.
    const batch =
      (await batches.transition(job.tenant, batchId, ['success'], 'inactive', { requestId: job.requestId })) ??
      (await batches.find(job.tenant, batchId));
    if (batch?.status !== 'inactive') throw new JobFailure('Only a batch that succeeded can be reverted.');
    const rows = await removal.remove(batch, job.createdAt, job.requestId, (removed) => {
      return context.progress({ progress: 50, metrics: { rowsRemoved: removed } });
    });
    return { done: true, metrics: { rowsRemoved: rows } };
  }
}
