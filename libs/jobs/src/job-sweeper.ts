import type { JobType } from '@tessera/contracts';
import type { JobStore } from '@tessera/stores';
import type { JobsLogger } from './connection.js';
import type { JobCommands } from './job-commands.js';
import type { JobQueue } from './job-queue.js';

export interface JobSweeperOptions {
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly commands: JobCommands;
  readonly types: readonly JobType[];
  readonly logger: JobsLogger;
  /** Milliseconds between sweeps. */
  readonly interval?: number;
  /** Milliseconds after which a command that is not known to be published is published again. */
  readonly overdueAfter?: number;
}

const PAGE = 500;

/**
 * Keeps the promises that records of jobs are: publishes commands that never reached the broker, and adds to the queue
 * whatever is unfinished and not there, such as after a Redis lost its data. Any number of workers may sweep.
 */
export class JobSweeper {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(private readonly options: JobSweeperOptions) {}

  /** Sweeps now and from time to time. */
  start(): void {
    const { interval = 10_000, logger } = this.options;
    const attempt = () => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) =>
          logger.warn({ error: String(error) }, 'Jobs could not be looked through; trying again'),
        )
        .finally(() => (this.sweeping = undefined));
    };
    attempt();
    this.timer = setInterval(attempt, interval);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** @throws UnavailableError */
  async sweep(): Promise<void> {
    const { store, queue, commands, types, overdueAfter = 10_000 } = this.options;
    for (const job of await store.unpublished(types, Date.now() - overdueAfter, PAGE)) await commands.publish(job);
    for (let after = ''; ;) {
      const jobs = await store.unfinished(types, after, PAGE);
      await Promise.all(jobs.map((job) => queue.add(job)));
      const last = jobs.at(-1);
      if (!last || jobs.length < PAGE) return;
      after = last.id;
    }
  }
}
