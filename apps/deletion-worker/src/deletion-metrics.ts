import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { JobType } from '@tessera/contracts';
import type { ReceiptStore } from '@tessera/stores';

/** What this process tells Prometheus of deletions. */
export class DeletionMetrics {
  private readonly removed: Counter<'store'>;
  private readonly ended: Counter<'type' | 'outcome'>;
  private readonly seconds: Histogram<'type'>;

  constructor(metrics: Metrics) {
    this.removed = metrics.counter({
      name: 'tessera_deleted_documents_total',
      help: 'Documents removed by deletions, by what they are.',
      labels: ['store'],
    });
    this.ended = metrics.counter({
      name: 'tessera_deletions_total',
      help: 'Deletions by type and how they ended: done, or failed because a scan found something left.',
      labels: ['type', 'outcome'],
    });
    this.seconds = metrics.histogram({
      name: 'tessera_deletion_seconds',
      help: 'Time from the acceptance of a deletion until its receipt.',
      labels: ['type'],
      buckets: [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400],
    });
  }

  count(store: ReceiptStore, documents: number): void {
    this.removed.inc({ store }, documents);
  }

  end(type: JobType, outcome: 'done' | 'failed', milliseconds: number): void {
    this.ended.inc({ type, outcome });
    this.seconds.observe({ type }, Math.max(0, milliseconds) / 1_000);
  }
}
