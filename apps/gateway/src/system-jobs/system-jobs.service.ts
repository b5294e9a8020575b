import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import {
  deletionOf,
  isFinal,
  subjectIds,
  type AbandonedDeletions,
  type AuditStore,
  type DeletionReceipt,
  type DeletionReceipts,
  type FenceSetter,
  type Job,
  type JobOrder,
  type JobStore,
  type WithdrawnBatches,
} from '@tessera/stores';
import { deletionTypes, systemJobTypes } from './system-job-types.js';

export const SYSTEM_JOB_PARTS = Symbol('parts of system jobs');

export interface SystemJobParts {
  readonly jobs: Pick<JobStore, 'find' | 'list' | 'remove'>;
  readonly receipts: DeletionReceipts;
  readonly audit: AuditStore;
  readonly fences: FenceSetter;
  readonly abandoned: AbandonedDeletions;
  readonly batches: WithdrawnBatches;
}

/** System jobs as their clients see them (spec 09-system-jobs). */
@Injectable()
export class SystemJobsService {
  constructor(@Inject(SYSTEM_JOB_PARTS) private readonly parts: SystemJobParts) {}

  list(tenant: Tenant, page: { readonly start: number; readonly limit: number; readonly order: JobOrder }) {
    return this.parts.jobs.list(tenant, { types: systemJobTypes }, page);
  }

  /** @throws ProblemError `unknown-job`. */
  async get(tenant: Tenant, id: string): Promise<Job> {
    const job = await this.parts.jobs.find(tenant, id);
    if (!job || !systemJobTypes.includes(job.type)) throw unknownJob(id);
    return job;
  }

  /** @throws ProblemError `unknown-job`, `unknown-receipt`. */
  async receipt(tenant: Tenant, id: string): Promise<{ readonly job: Job; readonly receipt: DeletionReceipt }> {
    const job = await this.get(tenant, id);
    const receipt = await this.parts.receipts.find(tenant, id);
    if (receipt) return { job, receipt };
    const reason = deletionTypes.includes(job.type) ? `It is ${job.status}.` : `A ${job.type} deletes nothing.`;
    throw problem('unknown-receipt', { detail: `The job ${id} has no receipt. ${reason}` });
  }

  /**
   * Forgets a job, and stops it where it is not done. What a deletion has removed by then stays removed, and its fences
   * stand: what was discarded because of them cannot be had back either. Whom it took something from is noted for its worker,
   * which sees to it that whatever is derived from them follows. Of a batch, what is left is seen again.
   *
   * @throws ProblemError `unknown-job`, `sandbox-deletion-running`, `dataset-deletion-running`.
   */
  async remove({ tenant, clientId, requestId }: Requester, id: string): Promise<void> {
    const known = await this.get(tenant, id);
    const { type, status } = known;
    if (type === 'DELETE_SANDBOX' && !isFinal(status)) {
      throw problem('sandbox-deletion-running', { detail: `The job ${id} removes what is left of a deleted sandbox.` });
    }
    const { jobs, receipts, audit, fences, abandoned, batches } = this.parts;
    const isWithdrawn = deletionTypes.includes(type) && !isFinal(status);
    if (isWithdrawn) {
      const withdrawn = deletionOf(known);
      if (withdrawn.subject.kind === 'dataset' && withdrawn.subject.isRemoved) {
        throw problem('dataset-deletion-running', {
          detail: `The job ${id} removes what is left of a removed dataset.`,
        });
      }
      await abandoned.note(withdrawn, Date.now());
    }
    const job = await jobs.remove(tenant, id, systemJobTypes);
    if (!job) throw unknownJob(id);
    if (!deletionTypes.includes(type)) return;
    const deletion = deletionOf(job);
    if (!isFinal(job.status)) {
      const by = { jobId: id, jobType: type, at: Date.now(), by: clientId, requestId };
      await audit.add({
        tenant,
        ...by,
        action: 'withdrawn',
        subject: subjectIds(deletion.subject),
        counts: job.metrics,
      });
      await fences.close(deletion.tenant, id);
      const { subject } = deletion;
      if (subject.kind === 'batch') await batches.reinstate(tenant, subject.batchId, id);
    }
    await receipts.remove(tenant, id);
  }
}

function unknownJob(id: string): ProblemError {
  return problem('unknown-job', { detail: `The sandbox has no system job ${id.slice(0, 256)}.` });
}
