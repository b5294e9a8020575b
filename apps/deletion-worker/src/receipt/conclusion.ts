import { JobCancelledError, JobFailure } from '@tessera/jobs';
import type { Logger } from '@tessera/observability';
import {
  isClean,
  receiptStores,
  subjectIds,
  type AuditStore,
  type Deletion,
  type DeletionReceipts,
  type ExportMention,
  type FenceSetter,
  type Job,
  type JobReader,
  type StoreCounts,
  type UploadMention,
} from '@tessera/stores';
import type { DeletionMetrics } from '../deletion-metrics.js';

export interface ConclusionParts {
  readonly jobs: Pick<JobReader, 'find'>;
  readonly receipts: DeletionReceipts;
  readonly audit: AuditStore;
  readonly fences: FenceSetter;
  readonly metrics: DeletionMetrics;
  readonly logger: Logger;
}

/** What a deletion ends with. */
export interface Concluded {
  readonly exports: readonly ExportMention[];
  readonly uploads?: readonly UploadMention[];
  readonly remaining: StoreCounts;
}

/**
 * Gives the receipt of a deletion and puts its end on record. Every step may be repeated, and done by two turns at once: what
 * was removed is read from the job, where all turns count, and whoever gives the receipt first has the word.
 */
export class Conclusion {
  constructor(private readonly parts: ConclusionParts) {}

  /** @throws JobFailure when a scan found something left: such a deletion has not succeeded. */
  async conclude(job: Job, deletion: Deletion, { remaining, ...concluded }: Concluded): Promise<void> {
    const { receipts, fences, logger } = this.parts;
    const at = deletion.subject.kind === 'sandbox' ? job.createdAt : deletion.at;
    const [removed, verification] = [await this.removed(job), { at: Date.now(), remaining }];
    const receipt = await receipts.put(job.tenant, { jobId: job.id, at, removed, ...concluded, verification });
    if (!isClean(receipt)) {
      const left = Object.entries(receipt.verification.remaining).filter(([, count]) => count > 0);
      throw new JobFailure(
        `Something is left: ${left.map(([store, count]) => `${store} ${count}`).join(', ')}. Ask for the deletion again; the receipt says what was removed.`,
      );
    }
    const isFirst = await this.record(job, deletion, 'done', receipt.removed);
    await fences.close(deletion.tenant, job.id);
    if (isFirst) logger.info({ ...deletion.tenant, jobId: job.id, type: job.type, ...receipt.removed }, 'Deleted');
  }

  /** Puts on record that a deletion failed. */
  async failed(job: Job, deletion: Deletion): Promise<void> {
    const receipt = await this.parts.receipts.find(job.tenant, job.id);
    await this.record(job, deletion, 'failed', receipt?.removed ?? (await this.removed(job)));
  }

  /** What all turns have removed. @throws JobCancelledError when the job is no longer known. */
  private async removed({ tenant, id }: Job): Promise<StoreCounts> {
    const job = await this.parts.jobs.find(tenant, id);
    if (!job) throw new JobCancelledError('the job is no longer known');
    return Object.fromEntries(receiptStores.map((store) => [store, job.metrics[store] ?? 0]));
  }

  /** @returns whether nobody had put it on record before. */
  private async record(
    job: Job,
    { subject }: Deletion,
    action: 'done' | 'failed',
    counts: StoreCounts,
  ): Promise<boolean> {
    const by = { jobId: job.id, jobType: job.type, at: Date.now(), by: job.requestedBy, requestId: job.requestId };
    const { audit, metrics } = this.parts;
    const isFirst = await audit.add({
      tenant: job.tenant,
      ...by,
      action,
      subject: subjectIds(subject),
      counts: { ...counts },
    });
    if (isFirst) metrics.end(job.type, action, Date.now() - job.createdAt);
    return isFirst;
  }
}
