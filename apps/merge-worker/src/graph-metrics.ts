import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { GraphResult } from '@tessera/stores';

/** What this process tells Prometheus of the identity graphs. */
export class GraphMetrics {
  private readonly evidence: Counter;
  private readonly identities: Counter;
  private readonly links: Counter<'outcome'>;
  private readonly evictions: Counter;
  private readonly transactions: Counter<'outcome'>;
  private readonly clusterSize: Histogram;
  private readonly batchSize: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly linkedSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.evidence = metrics.counter({
      name: 'tessera_graph_evidence_total',
      help: 'Pieces of identity evidence applied.',
    });
    this.identities = metrics.counter({
      name: 'tessera_graph_identities_registered_total',
      help: 'Identities seen for the first time.',
    });
    this.links = metrics.counter({
      name: 'tessera_graph_links_total',
      help: 'Links by what became of them: new, refreshed, left out by a linking rule, dropped beyond the limit.',
      labels: ['outcome'],
    });
    this.evictions = metrics.counter({
      name: 'tessera_graph_evictions_total',
      help: 'Identities that made room in a full cluster.',
    });
    this.transactions = metrics.counter({
      name: 'tessera_graph_transactions_total',
      help: 'Graph transactions by outcome: committed, or retried after a conflict.',
      labels: ['outcome'],
    });
    this.clusterSize = metrics.histogram({
      name: 'tessera_graph_cluster_size',
      help: 'Identities of each cluster whose members changed.',
      buckets: [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50],
    });
    this.batchSize = metrics.histogram({
      name: 'tessera_graph_batch_size',
      help: 'Messages of evidence handled at once.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
    });
    this.batchSeconds = metrics.histogram({
      name: 'tessera_graph_batch_seconds',
      help: 'Time to handle a batch of messages, from delivery to durability.',
    });
    this.linkedSeconds = metrics.histogram({
      name: 'tessera_graph_accepted_to_linked_seconds',
      help: 'Time from the newest acceptance behind a change until the graph shows it.',
    });
  }

  /** @param pieces pieces of evidence that led to the result. */
  applied(pieces: number, { changes, sizes, counts }: GraphResult): void {
    const now = Date.now();
    this.evidence.inc(pieces);
    this.identities.inc(counts.registered);
    this.links.inc({ outcome: 'new' }, counts.linked);
    this.links.inc({ outcome: 'refreshed' }, counts.refreshed);
    this.links.inc({ outcome: 'left-out' }, counts.leftOut);
    this.links.inc({ outcome: 'dropped' }, counts.dropped);
    this.evictions.inc(counts.evicted);
    this.transactions.inc({ outcome: 'committed' }, counts.transactions);
    this.transactions.inc({ outcome: 'retried' }, counts.retries);
    for (const size of sizes) this.clusterSize.observe(size);
    for (const { acceptedAt } of changes) this.linkedSeconds.observe(Math.max(0, now - acceptedAt) / 1_000);
  }

  batch({ size, milliseconds }: { readonly size: number; readonly milliseconds: number }): void {
    this.batchSize.observe(size);
    this.batchSeconds.observe(milliseconds / 1_000);
  }
}
