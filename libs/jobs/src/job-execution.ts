import { UnavailableError, type JobType } from '@tessera/contracts';
import type { Job, JobEnd, JobStore } from '@tessera/stores';
import type { JobsLogger } from './connection.js';
import {
  JobCancelledError,
  JobFailure,
  JobHandedBackError,
  type JobContext,
  type JobHandler,
  type JobTurn,
} from './job-handler.js';
import type { JobMetrics } from './job-metrics.js';
import type { JobQueue } from './job-queue.js';
import type { Payload } from './payload.js';

/** What is to become of the entry in the queue: gone, back to the front, or back later. */
export type Execution =
  | { readonly kind: 'settled' }
  | { readonly kind: 'handed-back' }
  | { readonly kind: 'later'; readonly delay: number; readonly failures: number };

export interface JobExecutionOptions {
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly handlers: ReadonlyMap<JobType, JobHandler>;
  readonly logger: JobsLogger;
  readonly metrics: JobMetrics;
  /** Failed attempts after which a job is given up; outages do not count. */
  readonly maxAttempts?: number;
  /** Milliseconds between looks at whether a job was called off. */
  readonly pollInterval?: number;
}

const SETTLED: Execution = { kind: 'settled' };

/** Decides what every way a handler can end means for a job's record and its entry in the queue. */
export class JobExecution {
  constructor(private readonly options: JobExecutionOptions) {}

  /**
   * Works on a job or part once.
   *
   * @param attempt how often it was started, from 1.
   * @param stop aborts the handler; the controller of this one execution.
   */
  async execute(payload: Payload, attempt: number, stop: AbortController): Promise<Execution> {
    const { organisation, sandbox, jobId, type, part, failures } = payload;
    const tenant = { organisation, sandbox };
    const { logger, maxAttempts = 5 } = this.options;
    const handler = this.options.handlers.get(type);
    const fields = { ...tenant, jobId, type, part, requestId: payload.requestId };
    let job: Job | null = null;
    try {
      job = await this.options.store.start(tenant, jobId);
      if (!job || !handler) return SETTLED;
      const turn = await this.turn(job, handler, part, stop);
      if ('again' in turn) return { kind: 'later', delay: turn.again, failures: 0 };
      if (part !== undefined) return SETTLED;
      if (turn.isRecorded) this.options.metrics.ended(job, 'SUCCESS');
      else await this.end(job, { ...turn, status: 'SUCCESS' });
      return SETTLED;
    } catch (error) {
      if (error instanceof JobCancelledError) return SETTLED;
      if (error instanceof JobHandedBackError) return { kind: 'handed-back' };
      const isOutage = error instanceof UnavailableError;
      const failed = isOutage ? failures : failures + 1;
      logger[isOutage ? 'warn' : 'error'](
        { ...fields, attempt, failures: failed, error: describe(error) },
        isOutage ? 'A job waits for what it depends on' : 'An attempt at a job failed',
      );
      const isHopeless = error instanceof JobFailure || failed >= maxAttempts;
      if (job && handler && isHopeless && (await this.giveUp(job, handler, messageFor(error, job)))) return SETTLED;
      return { kind: 'later', delay: backOff(isOutage ? attempt : failed), failures: failed };
    }
  }

  /** Records a failure. @returns false when even that has to wait. */
  async giveUp(job: Job, handler: JobHandler, message: string): Promise<boolean> {
    try {
      await handler.failed?.(job, message);
      await this.end(job, { status: 'FAILED', error: message });
      return true;
    } catch (error) {
      this.options.logger.warn({ jobId: job.id, error: describe(error) }, 'A failure could not be recorded yet');
      return false;
    }
  }

  private async end(job: Job, end: JobEnd): Promise<void> {
    if (await this.options.store.finish(job.tenant, job.id, end)) this.options.metrics.ended(job, end.status);
  }

  private async turn(job: Job, handler: JobHandler, part: string | undefined, stop: AbortController): Promise<JobTurn> {
    const { store, queue, pollInterval = 1_000 } = this.options;
    const context: JobContext = {
      signal: stop.signal,
      progress: async (progress) => {
        stop.signal.throwIfAborted();
        noticeEnd(await store.progress(job.tenant, job.id, progress), stop);
        stop.signal.throwIfAborted();
      },
      count: async (counts) => {
        const counted = await store.count(job.tenant, job.id, counts);
        if (counted) return counted.metrics;
        throw new JobCancelledError('the job is no longer open');
      },
      addPart: (name, isShort) => queue.add(job, name, isShort),
    };
    let looking = false;
    const poll = setInterval(() => {
      if (looking) return;
      looking = true;
      store
        .status(job.tenant, job.id)
        .then((status) => noticeEnd(status, stop))
        .catch(() => undefined) // The handler finds out by itself that the store is down.
        .finally(() => (looking = false));
    }, pollInterval);
    try {
      stop.signal.throwIfAborted();
      if (part === undefined) return await handler.run(job, context);
      await handler.runPart?.(job, part, context);
      return { done: true };
    } catch (error) {
      // Whatever an aborted handler throws, it threw because it was aborted.
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearInterval(poll);
    }
  }
}

function noticeEnd(status: string | null, stop: AbortController): void {
  if (status !== 'NEW' && status !== 'IN-PROGRESS') stop.abort(new JobCancelledError('the job is no longer open'));
}

function messageFor(error: unknown, { requestId }: Job): string {
  if (error instanceof JobFailure) return error.message;
  return `The job failed repeatedly for an internal reason. Try again; if it fails again, give request id ${requestId} to the operators, whose logs say why.`;
}

function backOff(attempt: number): number {
  return Math.min(1_000 * 2 ** Math.min(attempt - 1, 5), 30_000);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
