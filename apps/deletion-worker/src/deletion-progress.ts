import { JobCancelledError, type JobContext } from '@tessera/jobs';
import { receiptStores, type CountedSteps, type Deletion, type Job, type StoreCounts } from '@tessera/stores';
import type { DeletionMetrics } from './deletion-metrics.js';
import type { Pace } from './pace.js';
import type { RemovalContext, RemovalSession } from './removal/removal.js';

/** Share of a job's progress that removing records and events makes up, in per cent. */
const DATA_SHARE = 80;

/** What the turns of a deletion have in common. */
export interface DeletionProgressParts {
  readonly steps: CountedSteps;
  readonly metrics: DeletionMetrics;
  readonly pace: Pace;
}

/**
 * What a deletion found and has removed so far. Its job has the truth: every step adds to it, so that a turn that takes over
 * goes on counting, and two that run at once add up.
 */
export class DeletionProgress implements RemovalContext {
  /** As of the last step of this turn. */
  private metrics: Job['metrics'];
  /** Percent, as noted last. */
  private reached: number;

  constructor(
    readonly deletion: Deletion,
    private readonly job: Job,
    private readonly context: JobContext,
    private readonly parts: DeletionProgressParts,
  ) {
    this.metrics = job.metrics;
    this.reached = job.progress;
  }

  /** Whether an earlier turn has looked what there is to remove. */
  get isSurveyed(): boolean {
    return this.metrics['recordsFound'] !== undefined;
  }

  async surveyed(count: number): Promise<void> {
    await this.context.progress({ progress: 1, metrics: { recordsFound: count } });
    this.metrics = await this.context.count({ recordsProcessed: 0 });
  }

  step<Result>(work: (documents: number) => Promise<Result>): Promise<Result> {
    return this.parts.pace.step(async (documents) => {
      await this.reach(0);
      return work(documents);
    });
  }

  async remove(work: (session: RemovalSession) => Promise<StoreCounts>): Promise<StoreCounts> {
    const { tenant, id } = this.job;
    let removed: StoreCounts = {};
    const taken = await this.parts.steps.take(tenant, id, async (session) => {
      removed = await work(session);
      return countsOf(removed);
    });
    if (!taken) throw new JobCancelledError('the job is no longer open');
    this.counted(removed, taken.job.metrics);
    return removed;
  }

  async removed(counts: StoreCounts): Promise<void> {
    const added = countsOf(counts);
    if (Object.keys(added).length > 0) this.counted(counts, await this.context.count(added));
  }

  /** Notes that the deletion is at least so far, in per cent. @throws when it is called off or handed back. */
  async reach(percent: number): Promise<void> {
    this.context.signal.throwIfAborted();
    const found = Math.max(1, this.metrics['recordsFound'] ?? 1);
    const ofData = (DATA_SHARE * (this.metrics['recordsProcessed'] ?? 0)) / found;
    const progress = Math.floor(Math.min(99, Math.max(percent, Math.min(DATA_SHARE, ofData))));
    if (progress <= this.reached) return;
    await this.context.progress({ progress });
    this.reached = progress;
  }

  private counted(counts: StoreCounts, metrics: Job['metrics']): void {
    this.metrics = metrics;
    for (const store of receiptStores) this.parts.metrics.count(store, counts[store] ?? 0);
  }
}

/** What a job counts of some documents removed: each store, and records and events together. */
function countsOf(removed: StoreCounts): Record<string, number> {
  const counts = Object.fromEntries(Object.entries(removed).filter(([, count]) => count !== 0));
  const records = (removed.fragments ?? 0) + (removed.events ?? 0);
  return records === 0 ? counts : { ...counts, recordsProcessed: records };
}
