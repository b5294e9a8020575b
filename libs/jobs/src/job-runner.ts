import { setTimeout as delay } from 'node:timers/promises';
import { DelayedError, WaitingError, Worker, type Job as QueuedJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { UnavailableError, type JobType } from '@tessera/contracts';
import type { JobStore } from '@tessera/stores';
import { complaints, connect, keyPrefix, partsOf, type QueueOptions } from './connection.js';
import { JobExecution, type Execution } from './job-execution.js';
import { handlersByType, JobHandedBackError, type JobHandler } from './job-handler.js';
import type { JobMetrics } from './job-metrics.js';
import type { JobQueue } from './job-queue.js';
import { payloadSchema, type Payload } from './payload.js';

export interface JobRunnerOptions extends QueueOptions {
  readonly store: JobStore;
  readonly jobQueue: JobQueue;
  /** Types this worker does; each needs exactly one handler. */
  readonly types: readonly JobType[];
  readonly handlers: readonly JobHandler[];
  readonly metrics: JobMetrics;
  /** Jobs worked on at once. */
  readonly concurrency: number;
  /** Parts of jobs worked on at once. */
  readonly partConcurrency: number;
  /** Of short parts, how many more, so that they do not wait for the others; none unless said. */
  readonly shortPartPlaces?: number;
  /** Milliseconds without a sign of life after which another worker takes a job over. */
  readonly lockDuration?: number;
  readonly maxAttempts?: number;
  readonly pollInterval?: number;
}

/** Times the workers of one job may die before the job is taken to be what kills them. */
const MOST_DEATHS = 50;

/** Milliseconds after which a part whose places are taken, or a turn whose job has one here still, looks again. */
const LOOK_FOR_A_PLACE_AFTER = 500;

/** Milliseconds a shutdown waits for handlers to let go; a supervisor kills after ten seconds. */
const STOP_WITHIN = 8_000;

/**
 * Works on the jobs of a queue. BullMQ decides who does what and when; the record decides what a job is and how it ended,
 * so that a job may be in the queue twice, or be lost from it, and still ends once and rightly.
 */
export class JobRunner {
  private readonly handlers: Map<JobType, JobHandler>;
  private readonly execution: JobExecution;
  private readonly running = new Map<string, AbortController>();
  private connection: Redis | undefined;
  private workers: Worker<Payload>[] = [];
  private stopping = false;
  /** Parts under way that are not short. */
  private longParts = 0;

  /** @throws Error when a type has no handler, or two. */
  constructor(private readonly options: JobRunnerOptions) {
    this.handlers = handlersByType(options.types, options.handlers);
    const { store, jobQueue: queue, logger, metrics, maxAttempts, pollInterval } = options;
    this.execution = new JobExecution({
      store,
      queue,
      handlers: this.handlers,
      logger,
      metrics,
      ...(maxAttempts !== undefined && { maxAttempts }),
      ...(pollInterval !== undefined && { pollInterval }),
    });
  }

  /** Starts taking jobs; returns at once, and waits in the background for a Redis that is down. */
  start(): void {
    const { queue, concurrency, partConcurrency, shortPartPlaces = 0 } = this.options;
    this.connection = connect(this.options);
    this.workers = [
      this.open(this.connection, queue, concurrency),
      this.open(this.connection, partsOf(queue), partConcurrency + shortPartPlaces),
    ];
  }

  /** Gives the jobs in hand back to the queue, for other workers to continue, and stops. */
  async stop(): Promise<void> {
    this.stopping = true;
    const closing = Promise.allSettled(this.workers.map((worker) => worker.close()));
    for (const stop of this.running.values()) stop.abort(stops());
    await Promise.race([closing, delay(STOP_WITHIN, undefined, { ref: false })]);
    this.connection?.disconnect();
  }

  private open(connection: Redis, queue: string, concurrency: number): Worker<Payload> {
    const { logger, metrics, lockDuration = 15_000 } = this.options;
    const worker = new Worker<Payload>(queue, (job, token) => this.process(job, token), {
      connection,
      prefix: keyPrefix(this.options),
      concurrency,
      lockDuration,
      stalledInterval: Math.max(1_000, lockDuration / 3),
      maxStalledCount: 1_000_000, // Deaths are judged by MOST_DEATHS, which also closes the record.
      runRetryDelay: 2_000,
      drainDelay: 2,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', complaints(logger, queue));
    worker.on('stalled', (id) => {
      metrics.takenOver(queue);
      logger.warn({ queue, id }, 'A worker left this job behind; it is taken over');
    });
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.running.get(id)?.abort(lostJob());
    });
    return worker;
  }

  private async process(queued: QueuedJob<Payload>, token: string | undefined): Promise<void> {
    const read = payloadSchema.safeParse(queued.data);
    const id = queued.id ?? '';
    if (!read.success) {
      this.options.logger.error({ id }, 'Dropped an entry of the queue that is no job');
      return;
    }
    const payload = read.data;
    if (queued.stalledCounter > MOST_DEATHS) return this.giveUpDeadly(payload);
    const isLong = payload.part !== undefined && payload.short !== true;
    const under = this.running.get(id);
    // The queue gives a job out again only when it no longer knows of the turn that is under way: such as after it lost all
    // its data. That turn is to end, or others would be given the job while it goes on; then it is the turn of this one.
    under?.abort(lostJob());
    if (under || (isLong && this.longParts >= this.options.partConcurrency)) {
      await queued.moveToDelayed(Date.now() + LOOK_FOR_A_PLACE_AFTER, token);
      throw new DelayedError();
    }
    const execution = await this.turn(id, payload, queued.attemptsStarted, isLong);
    if (execution.kind === 'settled') return;
    if (execution.kind === 'handed-back') {
      await queued.moveToWait(token);
      throw new WaitingError();
    }
    if (execution.failures !== payload.failures) {
      await queued.updateData({ ...payload, failures: execution.failures });
    }
    await queued.moveToDelayed(Date.now() + execution.delay, token);
    throw new DelayedError();
  }

  /** Over before the queue hears of it, which may give the job back at once. */
  private async turn(id: string, payload: Payload, attempt: number, isLong: boolean): Promise<Execution> {
    const stop = new AbortController();
    // A closing worker may still be given a job: also the very one it has just handed back.
    if (this.stopping) stop.abort(stops());
    this.running.set(id, stop);
    if (isLong) this.longParts += 1;
    try {
      const working = this.execution.execute(payload, attempt, stop);
      return await this.options.metrics.turn(payload.type, payload.part, working);
    } finally {
      this.running.delete(id);
      if (isLong) this.longParts -= 1;
    }
  }

  private async giveUpDeadly({ organisation, sandbox, jobId, type }: Payload): Promise<void> {
    const job = await this.options.store.find({ organisation, sandbox }, jobId);
    const handler = this.handlers.get(type);
    const message = `The job was given up: the process that did it ended ${MOST_DEATHS} times.`;
    if (job && handler && !(await this.execution.giveUp(job, handler, message))) {
      throw new UnavailableError('mongodb', new Error('a failure could not be recorded'));
    }
  }
}

function lostJob(): JobHandedBackError {
  return new JobHandedBackError('another worker may have the job');
}

function stops(): JobHandedBackError {
  return new JobHandedBackError('the worker stops');
}
