import { JobFailure, type JobContext, type JobHandler, type JobTurn } from '@tessera/jobs';
import type { DatasetStore, EventExpiryWriter, FiguresMarks, Job } from '@tessera/stores';

export interface BackfillTtlParts {
  readonly datasets: Pick<DatasetStore, 'find'>;
  readonly events: EventExpiryWriter;
  readonly marks: FiguresMarks;
  /** Events of one step. */
  readonly stepSize?: number;
  /** Milliseconds after which no worker writes events any more by the rule before the change. */
  readonly delay?: number;
}

/**
 * Writes on the events a dataset has already when they leave the disk, once its expiry has changed. Readers go by the
 * dataset's rule from the moment of the change on, so nothing that anybody sees waits for this.
 *
 * It begins when every worker writes new events by the new rule: what such a worker writes meanwhile needs no change. The
 * rule is read anew for each step, so of several jobs for one dataset the last to end has it right.
 */
export class BackfillTtlHandler implements JobHandler {
  readonly type = 'BACKFILL_TTL';

  constructor(private readonly parts: BackfillTtlParts) {}

  async run({ tenant, properties, createdAt }: Job, context: JobContext): Promise<JobTurn> {
    const { datasets, events, marks, stepSize = 2_000, delay = 10_000 } = this.parts;
    const wait = createdAt + delay - Date.now();
    if (wait > 0) return { again: wait };
    const { datasetId } = properties;
    if (typeof datasetId !== 'string') throw new JobFailure('The job names no dataset.');
    const total = await events.count(datasetId);
    const metrics = { recordsProcessed: 0, changed: 0 };
    for (let after: string | undefined; ;) {
      const dataset = await datasets.find(tenant, datasetId);
      if (!dataset) break;
      const keptFor = dataset.expiry?.milliseconds;
      const { changed, next } = await events.apply(tenant, { datasetId, keptFor, after, limit: stepSize });
      metrics.changed += changed;
      if (next === undefined) break;
      metrics.recordsProcessed += after === undefined ? stepSize : stepSize - 1;
      after = next;
      const progress = Math.min(99, (100 * metrics.recordsProcessed) / Math.max(1, total));
      await context.progress({ progress, metrics: { ...metrics } });
    }
    // Figures know when the first of their events leaves the disk.
    await marks.markAll(tenant, { datasetId });
    return { done: true, metrics: { ...metrics, recordsProcessed: total } };
  }
}
