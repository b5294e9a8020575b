import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { jobQueues, UnavailableError, type JobQueueName } from '@tessera/contracts';
import { complaints, keyPrefix, partsOf, type JobsLogger } from './connection.js';

export interface QueueMonitorOptions {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly logger: JobsLogger;
  /** Milliseconds after which a Redis that does not answer counts as down. */
  readonly timeout?: number;
}

/** What an entry of a queue can be waiting for. Entries leave a queue once they are done, so the last two are mostly 0. */
export const queueStates = ['waiting', 'active', 'delayed', 'failed', 'completed'] as const;
export type QueueState = (typeof queueStates)[number];

/** One queue, and how many entries of it are in each state. */
export interface QueueCounts {
  readonly queue: JobQueueName;
  /** Whether it is the queue of parts of jobs. */
  readonly parts: boolean;
  /** Name on Redis. */
  readonly name: string;
  readonly counts: Readonly<Record<QueueState, number>>;
}

interface WatchedQueue extends Pick<QueueCounts, 'queue' | 'parts' | 'name'> {
  readonly bull: Queue;
}

/** What the board reads of an entry: which job and part it is. Whose job it is stays between the job's record and its owner. */
interface Entry {
  readonly jobId?: unknown;
  readonly type?: unknown;
  readonly part?: unknown;
  readonly failures?: unknown;
}

/** Errors of the language itself: Redis that does not answer is never told by one. */
const faults = [TypeError, RangeError, ReferenceError, SyntaxError, URIError];

/**
 * Looks at every queue of jobs, and at the queues of their parts, without changing any. Its methods fail at once while
 * Redis is away.
 */
export class QueueMonitor {
  private redis: Redis | undefined;
  private watched: readonly WatchedQueue[] = [];

  constructor(private readonly options: QueueMonitorOptions) {}

  /** Opens the connection, in the background. */
  open(): void {
    const timeout = this.options.timeout ?? 2_000;
    const redis = new Redis(this.options.redisUrl, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: timeout,
      commandTimeout: timeout,
      retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
    });
    redis.on('error', complaints(this.options.logger, 'all'));
    this.redis = redis;
    // A queue that is opened on a connection that is not there yet never recovers.
    redis.once('ready', () => {
      this.watched = (Object.keys(jobQueues) as JobQueueName[]).flatMap((queue) => [
        this.watch(redis, queue, false),
        this.watch(redis, queue, true),
      ]);
    });
  }

  /** @throws UnavailableError while Redis is away. */
  async counts(): Promise<QueueCounts[]> {
    return this.answered(() =>
      Promise.all(
        this.watched.map(async ({ queue, parts, name, bull }) => {
          const found = await bull.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed', 'completed');
          const of = (state: string) => found[state] ?? 0;
          const counts = {
            waiting: of('wait') + of('prioritized'),
            active: of('active'),
            delayed: of('delayed'),
            failed: of('failed'),
            completed: of('completed'),
          };
          return { queue, parts, name, counts };
        }),
      ),
    );
  }

  /**
   * Asks Redis something; fails at once while it is away.
   *
   * @throws UnavailableError, or the fault of whoever asks, such as a TypeError, as it is.
   */
  async answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.redis?.status !== 'ready') throw new UnavailableError('redis', new Error('not connected'));
    try {
      return await ask();
    } catch (error) {
      if (faults.some((fault) => error instanceof fault)) throw error;
      throw new UnavailableError('redis', error);
    }
  }

  /** The queues as Bull Board shows them: to be read, never changed, and without the names of tenants. */
  boardQueues(): BullMQAdapter[] {
    return this.watched.map(({ bull }) => {
      const adapter = new BullMQAdapter(bull, { readOnlyMode: true, allowRetries: false });
      adapter.setFormatter('data', ({ jobId, type, part, failures }: Entry) => ({ jobId, type, part, failures }));
      return adapter;
    });
  }

  async close(): Promise<void> {
    this.redis?.disconnect();
    await Promise.allSettled(this.watched.map(({ bull }) => bull.close()));
  }

  private watch(connection: Redis, queue: JobQueueName, parts: boolean): WatchedQueue {
    const name = parts ? partsOf(queue) : queue;
    const prefix = keyPrefix({ redisPrefix: this.options.redisPrefix, queue });
    const bull = new Queue(name, { connection, prefix, skipMetasUpdate: true });
    bull.on('error', complaints(this.options.logger, name));
    return { queue, parts, name, bull };
  }
}
