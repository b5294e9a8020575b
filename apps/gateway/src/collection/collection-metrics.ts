import type { Tenant } from '@tessera/contracts';
import type { Counter, Metrics } from '@tessera/observability';
import type { Intake } from './intake.js';

/** What the ingest path tells Prometheus. */
export class CollectionMetrics {
  private readonly acceptedRecords: Counter<'organisation' | 'sandbox' | 'dataset'>;

  constructor(metrics: Metrics, intake: Intake) {
    this.acceptedRecords = metrics.counter({
      name: 'tessera_accepted_total',
      help: 'Records accepted: Kafka has them on all in-sync replicas.',
      labels: ['organisation', 'sandbox', 'dataset'],
    });
    metrics.gauge({
      name: 'tessera_accepting',
      help: 'Records taken from clients that Kafka has not acknowledged yet.',
      collect: (gauge) => gauge.set(intake.size),
    });
  }

  accepted({ organisation, sandbox }: Tenant, datasets: readonly string[]): void {
    for (const [dataset, records] of Map.groupBy(datasets, (id) => id)) {
      this.acceptedRecords.inc({ organisation, sandbox, dataset }, records.length);
    }
  }
}
