import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** Metric names carry the platform's prefix, so that dashboards find them whatever else is scraped. */
export type MetricName = `tessera_${string}`;

export interface MetricDefinition<Label extends string> {
  readonly name: MetricName;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Upper bounds (seconds) that resolve both a one-millisecond lookup and a stalled dependency. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** The metrics of one process: what it defines, and Node's own (memory, CPU, event-loop delay, garbage collection). */
export class Metrics {
  private readonly registry = new Registry();

  /** @param service added as a label to every metric. */
  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = never>(definition: MetricDefinition<Label>): Counter<Label> {
    return new Counter<Label>(this.withRegistry(definition));
  }

  gauge<Label extends string = never>(
    definition: MetricDefinition<Label> & { readonly collect?: (gauge: Gauge<Label>) => void | Promise<void> },
  ): Gauge<Label> {
    const { collect } = definition;
    if (collect === undefined) return new Gauge<Label>(this.withRegistry(definition));
    const gauge: Gauge<Label> = new Gauge<Label>({
      ...this.withRegistry(definition),
      collect: () => collect(gauge),
    });
    return gauge;
  }

  /** @param buckets upper bounds in the metric's unit; {@link durationBuckets} by default. */
  histogram<Label extends string = never>(
    definition: MetricDefinition<Label> & { readonly buckets?: readonly number[] },
  ): Histogram<Label> {
    return new Histogram<Label>({
      ...this.withRegistry(definition),
      buckets: [...(definition.buckets ?? durationBuckets)],
    });
  }

  /** Everything in the Prometheus text format, with its content type. */
  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private withRegistry<Label extends string>({ name, help, labels = [] }: MetricDefinition<Label>) {
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }
}
