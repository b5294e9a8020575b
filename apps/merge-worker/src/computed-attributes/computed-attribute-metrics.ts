import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { CalculationDone } from '@tessera/stores';

/** What this process tells Prometheus of computed attributes. */
export class ComputedAttributeMetrics {
  private readonly figures: Counter;
  private readonly failures: Counter;
  private readonly batchSeconds: Histogram;
  private readonly countedSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.figures = metrics.counter({
      name: 'tessera_computed_figures_total',
      help: 'Daily figures of computed attributes counted anew.',
    });
    this.failures = metrics.counter({
      name: 'tessera_computed_figures_failed_total',
      help: 'Daily figures for which an expression took too much.',
    });
    this.batchSeconds = metrics.histogram({
      name: 'tessera_computed_figures_batch_seconds',
      help: 'Time to count what a batch of messages asks for, from delivery to durability.',
    });
    this.countedSeconds = metrics.histogram({
      name: 'tessera_computed_figures_accepted_to_counted_seconds',
      help: 'Time from the newest acceptance in a message until its events are counted.',
    });
  }

  counted({ counted, failed }: CalculationDone, acceptedAt?: number): void {
    this.figures.inc(counted);
    this.failures.inc(failed);
    if (acceptedAt !== undefined) this.countedSeconds.observe(Math.max(0, Date.now() - acceptedAt) / 1_000);
  }

  batch({ milliseconds }: { readonly milliseconds: number }): void {
    this.batchSeconds.observe(milliseconds / 1_000);
  }
}
