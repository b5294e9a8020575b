import { JobFailure, type JobContext, type JobHandler, type JobTurn } from '@tessera/jobs';
import type { Batch, BatchFileWork, BatchPhase, BatchStore, BatchWorkStore, Job } from '@tessera/stores';
import type { BatchRemoval } from './batch-removal.js';
import type { BatchReplacement } from './batch-replacement.js';
import { BatchMovedError } from './batch-watch.js';
import { judgeBatch } from './batch-verdict.js';
import type { FileApplier } from './file-applier.js';
import type { FileChecker } from './file-checker.js';

export interface IngestBatchHandlerParts {
  readonly batches: BatchStore;
  readonly works: BatchWorkStore;
  readonly checker: FileChecker;
  readonly applier: FileApplier;
  readonly removal: BatchRemoval;
  readonly replacement: BatchReplacement;
}

/** Files of a batch that are in the queue at once; the next ones follow as these are done. */
const FILES_AT_ONCE = 16;

/** Bytes of a file, at most, that is done within seconds and so need not wait for larger ones. */
const MOST_BYTES_OF_A_SHORT_FILE = 16_777_216;

/** Milliseconds between looks at how far the files are. */
const LOOK_AFTER = 250;

const NOTHING_LEFT: JobTurn = { done: true };

/** Code of the error of a batch that failed with its job, for no fault of its rows. */
const PROCESSING_FAILED = 'processing-failed';

/**
 * Takes a batch from `loaded` to its end (spec 03-ingestion, "Batches"). Each turn looks where the batch and its files
 * stand and does the next step; the long work is one part for each file and phase. All state is in the store, so any
 * worker may take any turn.
 */
export class IngestBatchHandler implements JobHandler {
  readonly type = 'INGEST_BATCH';

  constructor(private readonly parts: IngestBatchHandlerParts) {}

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const batch = await this.parts.batches.find(job.tenant, batchIdOf(job));
    switch (batch?.status) {
      case 'loaded':
        return this.check(batch, context);
      case 'staged':
        return this.apply(batch, context);
      case 'failed':
      case 'aborted':
        if (batch.startedAt !== undefined) await this.removeRows(batch, job);
        return endedAs(batch);
      case 'success':
      case 'inactive':
        return this.replace(batch, job);
      case 'loading':
      case undefined:
        return NOTHING_LEFT;
    }
  }

  async runPart(job: Job, part: string, context: JobContext): Promise<void> {
    const { batches, checker, applier } = this.parts;
    const { phase, index } = readPart(part);
    const batch = await batches.find(job.tenant, batchIdOf(job));
    if (!batch) return;
    try {
      if (phase === 'checked') await checker.check(batch, index, context);
      else await applier.apply(batch, index, context);
    } catch (error) {
      // The files of a batch that is given up are removed, perhaps while one of them is read.
      const isOver = error instanceof JobFailure && (await this.isOver(batch));
      if (!(error instanceof BatchMovedError) && !isOver) throw error;
    }
    if (phase === 'applied') await this.removeLate(job, batch.id);
  }

  async failed(job: Job, message: string): Promise<void> {
    const { batches } = this.parts;
    const errors = [{ code: PROCESSING_FAILED, description: message, recordCount: 0 }];
    const batch = await batches.transition(job.tenant, batchIdOf(job), ['loaded', 'staged', 'failed'], 'failed', {
      errors,
    });
    if (batch) await this.removeRows(batch, job);
  }

  private async check(batch: Batch, context: JobContext): Promise<JobTurn> {
    const { batches } = this.parts;
    const { tenant, id } = batch;
    const works = await this.rows(batch);
    if (batch.startedAt === undefined) {
      await batches.transition(tenant, id, ['loaded'], 'loaded', { startedAt: Date.now() });
    }
    if (!(await this.allDone(works, 'checked', context))) {
      const done = works.filter(({ checked }) => checked.done).length;
      await context.progress({ progress: (50 * done) / works.length, metrics: rowsOf(works) });
      return { again: LOOK_AFTER };
    }
    const verdict = judgeBatch(batch, works);
    const obstacle = verdict.accepted ? await this.parts.replacement.begin(batch) : undefined;
    const accepted = verdict.accepted && obstacle === undefined;
    const errors = obstacle === undefined ? verdict.errors : [...verdict.errors, obstacle];
    const changes = { metrics: verdict.metrics, errors };
    await batches.transition(tenant, id, ['loaded'], accepted ? 'staged' : 'failed', changes);
    return accepted ? { again: 0 } : { done: true, metrics: rowsOf(works) };
  }

  private async apply(batch: Batch, context: JobContext): Promise<JobTurn> {
    const { tenant, id } = batch;
    const works = await this.rows(batch);
    if (!(await this.allDone(works, 'applied', context))) {
      const [rows, done] = [sum(works, 'checked'), sum(works, 'applied')];
      await context.progress({ progress: 50 + (50 * done) / Math.max(rows, 1), metrics: rowsOf(works) });
      return { again: LOOK_AFTER };
    }
    const outputRecordCount = works.reduce((good, { applied }) => good + applied.good, 0);
    const failedRecordCount = sum(works, 'applied') - outputRecordCount;
    const metrics = { ...batch.metrics, outputRecordCount, failedRecordCount };
    await this.parts.batches.transition(tenant, id, ['staged'], 'success', { metrics });
    return { again: 0 };
  }

  private async replace(batch: Batch, job: Job): Promise<JobTurn> {
    const again = await this.parts.replacement.finish(batch, job);
    return again === undefined ? { done: true, metrics: rowsOf(await this.rows(batch)) } : { again };
  }

  private rows({ tenant, id }: Batch): Promise<BatchFileWork[]> {
    return this.parts.works.list(tenant, id);
  }

  private async isOver({ tenant, id }: Batch): Promise<boolean> {
    const status = (await this.parts.batches.find(tenant, id))?.status;
    return status !== 'loaded' && status !== 'staged';
  }

  /** Whether a phase is done with every file; puts some of those it is not done with into the queue. */
  private async allDone(works: readonly BatchFileWork[], phase: BatchPhase, context: JobContext): Promise<boolean> {
    const open = works.filter((work) => !work[phase].done);
    for (const { file } of open.slice(0, FILES_AT_ONCE)) {
      await context.addPart(partName(phase, file.index), file.size <= MOST_BYTES_OF_A_SHORT_FILE);
    }
    return open.length === 0;
  }

  /**
   * A batch that was given up while this worker, or one that died over the same part, was writing: the rows may have come
   * after others had removed what there was, so whoever did the part removes them again.
   */
  private async removeLate(job: Job, batchId: string): Promise<void> {
    const batch = await this.parts.batches.find(job.tenant, batchId);
    if (batch?.status === 'failed' || batch?.status === 'aborted' || batch?.status === 'inactive') {
      await this.removeRows(batch, job);
    }
  }

  private async removeRows(batch: Batch, { requestId }: Job): Promise<void> {
    await this.parts.removal.remove(batch, batch.updated, requestId);
    await this.parts.replacement.giveUp(batch);
  }
}

/** The job of a batch that could not be worked on fails with it, also when its next turn comes before the failed part is noted. */
function endedAs({ errors }: Batch): JobTurn {
  const failure = errors.find(({ code }) => code === PROCESSING_FAILED);
  if (failure) throw new JobFailure(failure.description);
  return NOTHING_LEFT;
}

function batchIdOf({ properties }: Job): string {
  const { batchId } = properties;
  if (typeof batchId !== 'string') throw new JobFailure('The job names no batch.');
  return batchId;
}

function partName(phase: BatchPhase, index: number): string {
  return `${phase}-${index}`;
}

function readPart(part: string): { phase: BatchPhase; index: number } {
  const [phase, index] = part.split('-');
  if ((phase !== 'checked' && phase !== 'applied') || index === undefined) throw new JobFailure('No part of a batch.');
  return { phase, index: Number(index) };
}

function rowsOf(works: readonly BatchFileWork[]): Record<string, number> {
  return { files: works.length, rowsChecked: sum(works, 'checked'), rowsApplied: sum(works, 'applied') };
}

function sum(works: readonly BatchFileWork[], phase: BatchPhase): number {
  return works.reduce((rows, work) => rows + work[phase].next, 0);
}
