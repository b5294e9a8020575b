import type { JobContext } from '@tessera/jobs';
import { receiptStores, type Deletion, type Job, type StoreCounts } from '@tessera/stores';
import type { DeletionMetrics } from './deletion-metrics.js';
import type { Pace } from './pace.js';
import type { RemovalContext } from './removal/removal.js';

/** Share of a job's progress that removing records and events makes up, in per cent. */
const DATA_SHARE = 80;

/** What a deletion found and has removed so far; kept in its job, so that whoever takes it over goes on counting. */
export class DeletionProgress implements RemovalContext {
  private readonly metrics: Record<string, number>;

  constructor(
    readonly deletion: Deletion,
    job: Job,
    private readonly context: JobContext,
    private readonly exposed: DeletionMetrics,
    private readonly pace: Pace,
  ) {
    this.metrics = { recordsProcessed: 0, ...job.metrics };
  }

  /** Whether an earlier turn has looked what there is to remove. */
  get isSurveyed(): boolean {
    return this.metrics['recordsFound'] !== undefined;
  }

  get counts(): StoreCounts {
    return Object.fromEntries(receiptStores.map((store) => [store, this.metrics[store] ?? 0]));
  }

  get all(): Readonly<Record<string, number>> {
    return this.metrics;
  }

  async surveyed(count: number): Promise<void> {
    this.metrics['recordsFound'] = count;
    await this.reach(1);
  }

  step<Result>(work: (documents: number) => Promise<Result>): Promise<Result> {
    return this.pace.step((documents) => {
      this.context.signal.throwIfAborted();
      return work(documents);
    });
  }

  async removed(counts: StoreCounts): Promise<void> {
    for (const store of receiptStores) {
      const count = counts[store] ?? 0;
      if (count === 0) continue;
      this.metrics[store] = (this.metrics[store] ?? 0) + count;
      this.exposed.count(store, count);
    }
    this.metrics['recordsProcessed'] = (this.metrics['fragments'] ?? 0) + (this.metrics['events'] ?? 0);
    await this.reach(0);
  }

  /** Notes that the deletion is at least so far, in per cent. @throws when it is called off or handed back. */
  async reach(percent: number): Promise<void> {
    const found = Math.max(1, this.metrics['recordsFound'] ?? 1);
    const ofData = (DATA_SHARE * (this.metrics['recordsProcessed'] ?? 0)) / found;
    const progress = Math.min(99, Math.max(percent, Math.min(DATA_SHARE, ofData)));
    await this.context.progress({ progress, metrics: { ...this.metrics } });
  }
}
