import type { JobType } from '@tessera/contracts';
import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { Job, JobStatus } from '@tessera/stores';

/** Seconds: a turn may take milliseconds, an export hours. */
const buckets = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400];

/** What the workers of one process tell Prometheus of their jobs. */
export class JobMetrics {
  private readonly turnSeconds: Histogram<'type' | 'kind' | 'outcome'>;
  private readonly jobSeconds: Histogram<'type' | 'status'>;
  private readonly stalled: Counter<'queue'>;

  /** @param queue whose jobs of these types there will be; alerts look at how their counts grow, which begin with 0. */
  constructor(metrics: Metrics, queue: string, types: readonly JobType[]) {
    this.turnSeconds = metrics.histogram({
      name: 'tessera_job_turn_seconds',
      help: 'Time of one turn of a job, or one try at a part: settled, later, handed-back.',
      labels: ['type', 'kind', 'outcome'],
      buckets,
    });
    this.jobSeconds = metrics.histogram({
      name: 'tessera_job_seconds',
      help: 'Time from the commissioning of a job until it ended, by how it ended.',
      labels: ['type', 'status'],
      buckets,
    });
    this.stalled = metrics.counter({
      name: 'tessera_jobs_stalled_total',
      help: 'Times a job or part was taken over from a worker that gave no sign of life.',
      labels: ['queue'],
    });
    this.stalled.inc({ queue }, 0);
    for (const type of types) this.jobSeconds.zero({ type, status: 'FAILED' });
  }

  /** Times one turn of a job, or one try at a part. */
  async turn<Execution extends { readonly kind: string }>(
    type: JobType,
    part: string | undefined,
    work: Promise<Execution>,
  ): Promise<Execution> {
    const started = performance.now();
    const execution = await work;
    const labels = { type, kind: part === undefined ? 'job' : 'part', outcome: execution.kind };
    this.turnSeconds.observe(labels, (performance.now() - started) / 1_000);
    return execution;
  }

  /** A job that has ended here. */
  ended({ type, createdAt }: Pick<Job, 'type' | 'createdAt'>, status: JobStatus): void {
    this.jobSeconds.observe({ type, status }, Math.max(0, Date.now() - createdAt) / 1_000);
  }

  takenOver(queue: string): void {
    this.stalled.inc({ queue });
  }
}
