import type { JobType } from '@tessera/contracts';
import type { Job, JobEnd, JobProgress } from '@tessera/stores';

/** The job was called off: stop, and leave what was done as the type of job defines it. */
export class JobCancelledError extends Error {
  override readonly name = 'JobCancelledError';
}

/** The worker stops, or lost the job to another: stop at once, whoever takes the job over continues. */
export class JobHandedBackError extends Error {
  override readonly name = 'JobHandedBackError';
}

/** The job cannot succeed, however often it is tried. The message is for users. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
}

/** What a handler has at hand besides the job. */
export interface JobContext {
  /** Aborted with a {@link JobCancelledError} or {@link JobHandedBackError}: throw it as soon as possible. */
  readonly signal: AbortSignal;
  /** Records how far the job is. @throws UnavailableError; the signal's reason once aborted. */
  progress(progress: JobProgress): Promise<void>;
  /**
   * Adds to what the record says has been done, by name. Also once aborted: what is done is done, and nobody else knows of it.
   *
   * @returns what has been done altogether, in all turns.
   * @throws UnavailableError; a {@link JobCancelledError} when the job is no longer open, and nothing can be counted.
   */
  count(counts: Readonly<Record<string, number>>): Promise<Job['metrics']>;
  /**
   * Adds a part of this job to the queue, for any worker; one that is there already stays.
   *
   * @param isShort whether it takes seconds at most: then it need not wait for longer ones where places are kept for such.
   * @throws UnavailableError
   */
  addPart(part: string, isShort?: boolean): Promise<void>;
}

/** A job that is done, and what its record keeps of what it was to do: all of it unless given. */
export interface JobDone extends Pick<JobEnd, 'metrics' | 'properties'> {
  readonly done: true;
  /** The handler has recorded the end itself, in one step with what came of the job. */
  readonly isRecorded?: true;
}

/** How a turn of a job ended: it is done, or is to be continued in some milliseconds (without counting as a failure). */
export type JobTurn = JobDone | { readonly again: number };

/**
 * Does one type of job. Every method may be called again with the same job, also while an earlier call that lost contact
 * still runs somewhere: the work must be idempotent. An `UnavailableError` is tried again for ever, another error a few
 * times, a {@link JobFailure} not at all.
 */
export interface JobHandler {
  readonly type: JobType;
  /** Does the job, or its next step. */
  run(job: Job, context: JobContext): Promise<JobTurn>;
  /** Does a part that {@link JobContext.addPart} named. */
  runPart?(job: Job, part: string, context: JobContext): Promise<void>;
  /** Leaves things as a failed job leaves them; called before the job is recorded as failed with this message. */
  failed?(job: Job, message: string): Promise<void>;
}

/**
 * Handlers by type.
 *
 * @throws Error when a type has no handler or two: such a worker must not start.
 */
export function handlersByType(types: readonly JobType[], handlers: readonly JobHandler[]): Map<JobType, JobHandler> {
  const byType = new Map<JobType, JobHandler>();
  for (const handler of handlers) {
    if (byType.has(handler.type)) throw new Error(`Two handlers for jobs of type ${handler.type}.`);
    byType.set(handler.type, handler);
  }
  for (const type of types) if (!byType.has(type)) throw new Error(`No handler for jobs of type ${type}.`);
  return byType;
}
