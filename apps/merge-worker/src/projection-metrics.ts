import type { ProfileChange } from '@tessera/contracts';
import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { FeedResult } from '@tessera/projections';

/** What this process tells Prometheus of what it pushes to edges. */
export class ProjectionMetrics {
  private readonly updates: Counter<'data_center' | 'outcome'>;
  private readonly pushedSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.updates = metrics.counter({
      name: 'tessera_edge_updates_total',
      help: 'Identities that edges were told about, by what became of it: stored, or late because something newer was there.',
      labels: ['data_center', 'outcome'],
    });
    this.pushedSeconds = metrics.histogram({
      name: 'tessera_edge_accepted_to_pushed_seconds',
      help: 'Time from the newest acceptance behind a change of a person until the edges of a feed were told.',
    });
  }

  fed(results: readonly FeedResult[], changes: readonly ProfileChange[]): void {
    const now = Date.now();
    for (const { dataCenter, outcomes } of results) {
      const stored = outcomes.filter((outcome) => outcome === 'stored').length;
      this.updates.inc({ data_center: dataCenter, outcome: 'stored' }, stored);
      this.updates.inc({ data_center: dataCenter, outcome: 'late' }, outcomes.length - stored);
    }
    for (const { acceptedAt } of changes) this.pushedSeconds.observe(Math.max(0, now - acceptedAt) / 1_000);
  }
}
