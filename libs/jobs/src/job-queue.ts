import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { UnavailableError } from '@tessera/contracts';
import type { JobReference } from '@tessera/stores';
import { complaints, connect, keyPrefix, partsOf, type QueueOptions } from './connection.js';
import { payloadOf, queueId, type Payload } from './payload.js';

/** Milliseconds after which a Redis that does not answer counts as down. */
const TIMEOUT = 5_000;

/** Adds jobs to a queue. */
export class JobQueue {
  private readonly connection: Redis;
  private readonly jobs: Queue<Payload>;
  /** A queue of their own: long parts never keep the short turns of whole jobs waiting. */
  private readonly parts: Queue<Payload>;

  constructor(options: QueueOptions) {
    this.connection = connect(options);
    this.jobs = this.open(options, options.queue);
    this.parts = this.open(options, partsOf(options.queue));
  }

  /**
   * Adds a job, or one part of it; one that waits or is worked on already stays as it is.
   *
   * @param isShort whether the part takes seconds at most.
   * @throws UnavailableError
   */
  async add(job: JobReference, part?: string, isShort = false): Promise<void> {
    const payload = payloadOf(job, part, isShort);
    const queue = part === undefined ? this.jobs : this.parts;
    await this.answered(queue.add(payload.type, payload, { jobId: queueId(payload) }));
  }

  /** Round trip to Redis; rejects when it does not answer. @throws UnavailableError */
  async ping(): Promise<void> {
    await this.answered(this.connection.ping());
  }

  async close(): Promise<void> {
    const closed = Promise.allSettled([this.jobs.close(), this.parts.close()]);
    await Promise.race([closed, delay(1_000, undefined, { ref: false })]);
    this.connection.disconnect();
  }

  private open(options: QueueOptions, name: string): Queue<Payload> {
    const queue = new Queue<Payload>(name, {
      connection: this.connection,
      prefix: keyPrefix(options),
      // Nothing is kept: the record tells what became of a job, and a kept name would refuse the same job later.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    });
    queue.on('error', complaints(options.logger, name));
    return queue;
  }

  /** Commands wait for a lost connection, which nobody here has the time for; what they do late does no harm. */
  private async answered<Result>(command: Promise<Result>): Promise<Result> {
    const timer = new AbortController();
    const late = delay(TIMEOUT, undefined, { signal: timer.signal }).then(
      () => Promise.reject(new Error(`no answer within ${TIMEOUT} ms`)),
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([command, late]);
    } catch (error) {
      command.catch(() => undefined);
      throw new UnavailableError('redis', error);
    } finally {
      timer.abort();
    }
  }
}
