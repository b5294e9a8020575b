import type { Tenant } from '@tessera/contracts';
import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { LedgerEntry } from '@tessera/stores';
import type { Readable } from './records/readable.js';

/** What this process tells Prometheus. The ledger in the store is the exact count; these are rates. */
export class IngestionMetrics {
  private readonly acceptedRecords: Counter<'organisation' | 'sandbox' | 'dataset'>;
  private readonly outcomes: Counter<'dataset' | 'outcome' | 'reason'>;
  private readonly replayed: Counter<'dataset'>;
  private readonly ignoredIdentities: Counter<'reason'>;
  private readonly batchSize: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly writeSeconds: Histogram;
  private readonly visibleSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.acceptedRecords = metrics.counter({
      name: 'tessera_accepted_total',
      help: 'Records accepted otherwise than by the gateway: rows of batches, and what producers wrote to the topic.',
      labels: ['organisation', 'sandbox', 'dataset'],
    });
    this.outcomes = metrics.counter({
      name: 'tessera_records_total',
      help: 'Records by dataset, outcome, and effect or reason.',
      labels: ['dataset', 'outcome', 'reason'],
    });
    this.replayed = metrics.counter({
      name: 'tessera_records_replayed_total',
      help: 'Of the records counted by outcome, replays of dead letters.',
      labels: ['dataset'],
    });
    this.ignoredIdentities = metrics.counter({
      name: 'tessera_identities_ignored_total',
      help: 'Identities of records that were passed over, by reason.',
      labels: ['reason'],
    });
    this.batchSize = metrics.histogram({
      name: 'tessera_record_batch_size',
      help: 'Records handled at once.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
    });
    this.batchSeconds = metrics.histogram({
      name: 'tessera_record_batch_seconds',
      help: 'Time to handle a batch of records, from delivery to durability.',
    });
    this.writeSeconds = metrics.histogram({
      name: 'tessera_record_write_seconds',
      help: 'Time of the writes of fragments and events of one batch.',
    });
    this.visibleSeconds = metrics.histogram({
      name: 'tessera_ingest_to_visible_seconds',
      help: 'Time from the acceptance of a record until the next read sees it.',
    });
  }

  async timeWrites<Result>(writes: Promise<Result>): Promise<Result> {
    const stop = this.writeSeconds.startTimer();
    const result = await writes;
    stop();
    return result;
  }

  /** Records that are now visible. */
  read(records: readonly Readable[]): void {
    const now = Date.now();
    for (const { arrival, record } of records) {
      this.visibleSeconds.observe(Math.max(0, now - arrival.acceptance.acceptedAt) / 1_000);
      for (const reason of record.ignored) this.ignoredIdentities.inc({ reason });
    }
  }

  /** Records that no gateway has counted, once their outcome is durable. */
  accepted({ organisation, sandbox }: Tenant, dataset: string, records: number): void {
    this.acceptedRecords.inc({ organisation, sandbox, dataset }, records);
  }

  /** Records whose outcome is durable. */
  counted(entries: readonly LedgerEntry[]): void {
    for (const { datasetId, outcome, replayed } of entries) {
      if (replayed) this.replayed.inc({ dataset: datasetId });
      const reason = outcome.kind === 'applied' ? outcome.effect : outcome.kind === 'dead-letter' ? outcome.reason : '';
      this.outcomes.inc({ dataset: datasetId, outcome: outcome.kind, reason });
    }
  }

  batch({ size, milliseconds }: { readonly size: number; readonly milliseconds: number }): void {
    this.batchSize.observe(size);
    this.batchSeconds.observe(milliseconds / 1_000);
  }
}
