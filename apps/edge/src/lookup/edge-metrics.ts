import type { Counter, Histogram, Metrics } from '@tessera/observability';

/**
 * How a lookup was answered: out of what was held, also where that is outdated and cannot be made anew, after a fill, or not
 * at all.
 */
export type LookupResult = 'held' | 'outdated' | 'filled' | 'unknown';

/** What this process tells Prometheus of its answers. */
export class EdgeMetrics {
  private readonly lookups: Counter<'data_center' | 'result'>;
  private readonly fills: Histogram;

  constructor(metrics: Metrics) {
    this.lookups = metrics.counter({
      name: 'tessera_edge_lookups_total',
      help: 'Lookups of projections by how they were answered; the share of held ones is the hit rate.',
      labels: ['data_center', 'result'],
    });
    this.fills = metrics.histogram({
      name: 'tessera_edge_fill_seconds',
      help: 'Time to read and project a person whose copy was asked for and not held.',
    });
  }

  lookup(dataCenter: string, result: LookupResult): void {
    this.lookups.inc({ data_center: dataCenter, result });
  }

  fill(milliseconds: number): void {
    this.fills.observe(milliseconds / 1_000);
  }
}
