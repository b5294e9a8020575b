import { setTimeout as delay } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { complaints, connect, keyPrefix, type QueueOptions } from './connection.js';

/** Something to be done every now and then by any one of the workers of a queue. */
export interface RepeatingTask {
  /** Unique within the queue. */
  readonly name: string;
  /** Milliseconds between two turns. */
  readonly every: number;
  /** One turn. One that fails is tried again a few times; the next one comes all the same. */
  run(): Promise<void>;
}

export interface RepeatingTasksOptions extends QueueOptions {
  readonly tasks: readonly RepeatingTask[];
  /** Milliseconds between looks at whether Redis still knows the schedules. */
  readonly lookEvery?: number;
}

/** Milliseconds a shutdown waits for a turn to end. */
const STOP_WITHIN = 5_000;

/**
 * Does tasks again and again, each turn once, however many workers there are. A Redis that lost its data is told the
 * schedules again.
 */
export class RepeatingTasks {
  private readonly name: string;
  private connection: Redis | undefined;
  private queue: Queue | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(private readonly options: RepeatingTasksOptions) {
    this.name = `${options.queue}-tasks`;
  }

  /** Returns at once, and waits in the background for a Redis that is down. */
  start(): void {
    const { tasks, logger, lookEvery = 10_000 } = this.options;
    const byName = new Map(tasks.map((task) => [task.name, task]));
    this.connection = connect(this.options);
    const shared = { connection: this.connection, prefix: keyPrefix(this.options) };
    this.queue = new Queue(this.name, shared);
    this.queue.on('error', complaints(logger, this.name));
    this.worker = new Worker(this.name, async ({ name }) => byName.get(name)?.run(), {
      ...shared,
      concurrency: tasks.length,
      drainDelay: 1,
      runRetryDelay: 2_000,
    });
    this.worker.on('error', complaints(logger, this.name));
    this.worker.on('failed', (job, { name, message }) => {
      logger.warn({ task: job?.name, error: `${name}: ${message}` }, 'A turn of a repeating task failed');
    });
    this.look();
    this.timer = setInterval(() => this.look(), lookEvery);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    const closed = Promise.allSettled([this.looking, this.worker?.close(), this.queue?.close()]);
    await Promise.race([closed, delay(STOP_WITHIN, undefined, { ref: false })]);
    this.connection?.disconnect();
  }

  private look(): void {
    this.looking ??= this.schedule()
      .catch((error: unknown) => complaints(this.options.logger, this.name)(error as Error))
      .finally(() => (this.looking = undefined));
  }

  /** A schedule that is known is left alone: telling it again would put its next turn off. */
  private async schedule(): Promise<void> {
    for (const { name, every } of this.options.tasks) {
      const known = await this.queue?.getJobScheduler(name);
      if (known?.every === every) continue;
      const opts = {
        removeOnComplete: true,
        removeOnFail: true,
        attempts: 4,
        backoff: { type: 'exponential', delay: 2_000 },
      };
      await this.queue?.upsertJobScheduler(name, { every }, { name, opts });
    }
  }
}
