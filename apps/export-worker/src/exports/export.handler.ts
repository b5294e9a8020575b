import { JobCancelledError, JobFailure, type JobContext, type JobHandler, type JobTurn } from '@tessera/jobs';
import { exportObjects, type ObjectStorage } from '@tessera/object-storage';
import { SnapshotExpiredError, type ExportPublisher, type ExportStore, type Job } from '@tessera/stores';
import type { ExportMetrics } from '../export-metrics.js';
import { orderOf, partName, partNamed, partsOf } from './export-job.js';
import type { ExportPlanner } from './export-planner.js';
import type { PartWriter } from './part-writer.js';
import { publicationOf } from './publication.js';

export interface ExportHandlerParts {
  readonly exports: ExportStore;
  readonly planner: ExportPlanner;
  readonly writer: PartWriter;
  readonly publisher: ExportPublisher;
  readonly storage: ObjectStorage;
  readonly metrics: ExportMetrics;
}

/** Milliseconds between looks at whether the parts are done. */
const LOOK_EVERY = 100;

/**
 * Exports people into files (spec 07-export-jobs): ranges of people are parts of the job, each of which writes files of its
 * own that nobody can see; once all are there, one step shows them.
 */
export class ExportHandler implements JobHandler {
  readonly type = 'EXPORT';

  constructor(private readonly parts: ExportHandlerParts) {}

  run(job: Job, context: JobContext): Promise<JobTurn> {
    return this.orderly(job, context, () => this.turn(job, context));
  }

  runPart(job: Job, name: string, context: JobContext): Promise<void> {
    return this.orderly(job, context, () => this.part(job, name, context));
  }

  async failed({ tenant, id }: Job): Promise<void> {
    await this.parts.storage.deleteAll(exportObjects(tenant, id).all);
  }

  private async turn(job: Job, context: JobContext): Promise<JobTurn> {
    const { exports, planner, publisher } = this.parts;
    const order = orderOf(job);
    const plan = await planner.plan(job, order);
    const all = partsOf(order, plan);
    const done = await exports.partsDone(job.tenant, plan);
    if (done.length < all.length) {
      const names = new Set(done.map(partName));
      for (const part of all.map(partName)) if (!names.has(part)) await context.addPart(part);
      await context.progress({ progress: (done.length / all.length) * 99 });
      return { again: LOOK_EVERY };
    }
    const fenceVersion = await planner.coveredUpTo(job.tenant, plan, order);
    if (fenceVersion === undefined) return { again: 0 };
    context.signal.throwIfAborted();
    const publication = { ...publicationOf(job, order, plan, done, Date.now()), fenceVersion };
    if (plan.round > 1) await this.removeOthers(job, new Set(publication.files.map(({ key }) => key)));
    const published = await publisher.publish(job.tenant, publication);
    if (published === 'outdated') return { again: 0 };
    if (published === 'published') {
      this.parts.metrics.exported(job.createdAt);
      return { done: true, isRecorded: true };
    }
    // Somebody called it off just now, which this notices, or an earlier try came through.
    await context.progress({ progress: 99 });
    return { done: true };
  }

  private async part(job: Job, name: string, { signal }: JobContext): Promise<void> {
    const { exports, planner, writer, metrics } = this.parts;
    const order = orderOf(job);
    const part = partNamed(name);
    const plan = await planner.plan(job, order);
    if (part.round !== plan.round || (await exports.isDone(job.tenant, job.id, part))) return;
    const stop = metrics.startPart();
    const done = await writer.write(job.id, { tenant: job.tenant, order, plan, part, signal });
    await exports.partDone(job.tenant, done);
    stop(done);
  }

  /** What an earlier round wrote holds what was deleted since. */
  private async removeOthers({ tenant, id }: Job, kept: ReadonlySet<string>): Promise<void> {
    const { storage } = this.parts;
    for (const { key } of await storage.list(exportObjects(tenant, id).all)) {
      if (!kept.has(key)) await storage.delete(key);
    }
  }

  /** Says what ends an export for good, and leaves nothing of one that was called off. */
  private async orderly<Result>(
    { tenant, id }: Job,
    { signal }: JobContext,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted && signal.reason instanceof JobCancelledError) {
        await this.parts.storage.deleteAll(exportObjects(tenant, id).all);
      }
      if (!(error instanceof SnapshotExpiredError)) throw error;
      throw new JobFailure(
        'The export took longer than the database keeps the state at which it was created. Create it again when the platform is less busy, or have the operators raise minSnapshotHistoryWindowInSeconds of MongoDB.',
      );
    }
  }
}
