import type { Tenant } from '@tessera/contracts';
import { revertJobId, type Batch } from '../batches/batch.js';
import { BatchStore } from '../batches/batch-store.js';
import { FiguresMarks } from '../computed-attributes/figures-marks.js';
import type { Database } from '../database.js';
import { HiddenBatches } from '../events/hidden-batches.js';
import { JobStore } from '../jobs/job-store.js';

/** Brings back what is left of batches whose deletion was withdrawn: a deletion hides its batch before it removes anything. */
export class WithdrawnBatches {
  private readonly batches: BatchStore;
  private readonly hidden: HiddenBatches;
  private readonly marks: FiguresMarks;
  private readonly jobs: JobStore;

  constructor(database: Database) {
    this.batches = new BatchStore(database);
    this.hidden = new HiddenBatches(database);
    this.marks = new FiguresMarks(database);
    this.jobs = new JobStore(database);
  }

  /**
   * Lets the events of a batch be seen again that its deletion has not removed, unless the batch is to be gone for another
   * reason. A worker that has not found out yet may hide it once more, so this is to be repeated once it has.
   *
   * @returns whether they are seen.
   * @throws UnavailableError
   */
  async reinstate(tenant: Tenant, batchId: string, deletionId: string): Promise<boolean> {
    const batch = await this.batches.find(tenant, batchId);
    if (!batch || !(await this.isToBeSeen(batch, deletionId))) return false;
    await this.hidden.change(tenant, { show: [batchId] });
    await this.batches.reinstate(tenant, batchId, deletionId);
    // Figures that were counted while it was hidden do not have its events.
    await this.marks.markAll(tenant, { batchId });
    return true;
  }

  /** A revert that was asked for meanwhile found the batch inactive already: only its job says so. */
  private async isToBeSeen(batch: Batch, deletionId: string): Promise<boolean> {
    const { tenant, id, status, requestId } = batch;
    if (status !== 'success' && !(status === 'inactive' && requestId === deletionId)) return false;
    return (await this.jobs.status(tenant, revertJobId(id))) === null && !(await this.batches.isReplaced(batch));
  }
}
