import type { QueueMonitor } from '@tessera/jobs';
import type { Metrics } from '@tessera/observability';
import type { LagReader } from './lag-reader.js';

/** Milliseconds for which a figure is shown again: whoever scrapes often does not burden the brokers. */
const SHOWN_FOR_MS = 5_000;

/**
 * Lag and queue depths for Prometheus, asked for when somebody scrapes. Every gateway shows the same; a figure that cannot
 * be had is left out, so that an alert on its absence can tell.
 */
export function showOperatorMetrics(metrics: Metrics, lag: LagReader, monitor: QueueMonitor): void {
  const lags = remembered(() => lag.read());
  metrics.gauge({
    name: 'tessera_consumer_lag',
    help: 'Messages written and not yet done, by consumer group, topic and partition.',
    labels: ['group', 'topic', 'partition'],
    collect: async (gauge) => {
      const found = await lags();
      gauge.reset();
      for (const { group, topic, partition, messages } of found) gauge.set({ group, topic, partition }, messages);
    },
  });
  const queues = remembered(() => monitor.counts());
  metrics.gauge({
    name: 'tessera_queue_entries',
    help: 'Entries of queues of jobs, by queue and state.',
    labels: ['queue', 'state'],
    collect: async (gauge) => {
      const found = await queues();
      gauge.reset();
      for (const { name: queue, counts } of found) {
        for (const [state, entries] of Object.entries(counts)) gauge.set({ queue, state }, entries);
      }
    },
  });
}

/** What was last read, nothing after a failure; read again once it is old. */
function remembered<Item>(read: () => Promise<Item[]>): () => Promise<Item[]> {
  let latest: Promise<Item[]> | undefined;
  let since = -Infinity;
  return () => {
    if (latest === undefined || performance.now() - since > SHOWN_FOR_MS) {
      since = performance.now();
      latest = read().catch(() => []);
    }
    return latest;
  };
}
