import { JobFailure } from '@tessera/jobs';
import type { Logger } from '@tessera/observability';
import {
  isClean,
  subjectIds,
  type AuditStore,
  type Deletion,
  type DeletionReceipts,
  type ExportMention,
  type FenceSetter,
  type Job,
  type StoreCounts,
  type UploadMention,
} from '@tessera/stores';
import type { DeletionMetrics } from '../deletion-metrics.js';

export interface ConclusionParts {
  readonly receipts: DeletionReceipts;
  readonly audit: AuditStore;
  readonly fences: FenceSetter;
  readonly metrics: DeletionMetrics;
  readonly logger: Logger;
}

/** What a deletion ends with. */
export interface Concluded {
  readonly removed: StoreCounts;
  readonly exports: readonly ExportMention[];
  readonly uploads?: readonly UploadMention[];
  readonly remaining: StoreCounts;
}

/** Gives the receipt of a deletion and puts its end on record. Every step may be repeated. */
export class Conclusion {
  constructor(private readonly parts: ConclusionParts) {}

  /** @throws JobFailure when a scan found something left: such a deletion has not succeeded. */
  async conclude(job: Job, deletion: Deletion, { remaining, ...concluded }: Concluded): Promise<void> {
    const { receipts, fences, metrics, logger } = this.parts;
    const at = deletion.subject.kind === 'sandbox' ? job.createdAt : deletion.at;
    const receipt = { jobId: job.id, at, ...concluded, verification: { at: Date.now(), remaining } };
    await receipts.put(job.tenant, receipt);
    if (!isClean(receipt)) {
      const left = Object.entries(remaining).filter(([, count]) => count > 0);
      throw new JobFailure(
        `Something is left: ${left.map(([store, count]) => `${store} ${count}`).join(', ')}. Ask for the deletion again; the receipt says what was removed.`,
      );
    }
    await this.record(job, deletion, 'done', concluded.removed);
    await fences.close(deletion.tenant, job.id);
    metrics.end(job.type, 'done', Date.now() - job.createdAt);
    logger.info({ ...deletion.tenant, jobId: job.id, type: job.type, ...concluded.removed }, 'Deleted');
  }

  /** Puts on record that a deletion failed. */
  async failed(job: Job, deletion: Deletion): Promise<void> {
    await this.record(job, deletion, 'failed', job.metrics);
    this.parts.metrics.end(job.type, 'failed', Date.now() - job.createdAt);
  }

  private async record(
    job: Job,
    { subject }: Deletion,
    action: 'done' | 'failed',
    counts: Readonly<Record<string, number>>,
  ): Promise<void> {
    const by = { jobId: job.id, jobType: job.type, at: Date.now(), by: job.requestedBy, requestId: job.requestId };
    await this.parts.audit.add({ tenant: job.tenant, ...by, action, subject: subjectIds(subject), counts });
  }
}
