import type { Batch, BatchError, BatchStore, FiguresMarks, HiddenBatches, Job, StagedEvents } from '@tessera/stores';
import type { BatchRemoval } from './batch-removal.js';

export interface BatchReplacementParts {
  readonly batches: BatchStore;
  readonly hidden: HiddenBatches;
  readonly staged: StagedEvents;
  readonly marks: FiguresMarks;
  readonly removal: BatchRemoval;
  /** Milliseconds that replaced events stay on the disk, for reads that began before they vanished. */
  readonly grace?: number;
}

/**
 * Lets a batch take the place of others (`replay`): its events are hidden until all are there; then they appear and those
 * of its predecessors vanish in one step; then the predecessors are removed. Every step may be repeated.
 */
export class BatchReplacement {
  constructor(private readonly parts: BatchReplacementParts) {}

  /**
   * Before its first event is written.
   *
   * @returns why it cannot take the place of others, if so.
   */
  async begin(batch: Batch): Promise<BatchError | undefined> {
    const { tenant, id, replay } = batch;
    if (!replay) return undefined;
    const taken = await this.parts.batches.claimPredecessors(batch);
    if (taken !== undefined) return alreadyReplaced(taken);
    await this.parts.hidden.change(tenant, { hide: [id] });
    return undefined;
  }

  /** After the batch failed or was given up: others may replace its predecessors. */
  async giveUp(batch: Batch): Promise<void> {
    await this.parts.batches.releasePredecessors(batch);
  }

  /**
   * After the batch succeeded.
   *
   * @returns milliseconds after which to go on; undefined when nothing is left to do.
   */
  async finish(batch: Batch, job: Job): Promise<number | undefined> {
    const { tenant, id, replay, finishedAt = 0 } = batch;
    if (!replay) return undefined;
    const { batches, hidden, staged, marks, removal, grace = 5_000 } = this.parts;
    const predecessors = await batches.findMany(tenant, replay.predecessors);
    const replaced = predecessors.filter(
      ({ status, datasetId }) => status !== 'inactive' && datasetId === batch.datasetId,
    );
    // A batch that was taken back meanwhile stays hidden; what it replaced does not come back.
    const show = batch.status === 'success' ? [id] : [];
    await hidden.change(tenant, { show, hide: replaced.map((predecessor) => predecessor.id) });
    const wait = finishedAt + grace - Date.now();
    if (replaced.length > 0 && wait > 0) return Math.max(wait, 100);
    while ((await staged.settleSome(tenant, id, replay.predecessors)) > 0);
    await marks.markAll(tenant, { batchId: id });
    for (const predecessor of replaced) {
      await removal.remove(predecessor, batch.completedAt ?? batch.created, job.requestId);
      await batches.transition(tenant, predecessor.id, ['success'], 'inactive', { requestId: job.requestId });
    }
    return undefined;
  }
}

function alreadyReplaced(predecessor: string): BatchError {
  return {
    code: 'predecessor-replaced',
    description: `another batch has replaced ${predecessor}. None of its rows was applied; replace the other one, in a new batch`,
    recordCount: 0,
  };
}
