import { jobQueues, type JobQueueName } from '@tessera/contracts';
import type { Messaging, Producer } from '@tessera/messaging';
import type { Metrics } from '@tessera/observability';
import { JobStore, type Database } from '@tessera/stores';
import { CommandConsumer } from './command.consumer.js';
import { CommandHandler } from './command.handler.js';
import type { JobsLogger } from './connection.js';
import { JobCommands } from './job-commands.js';
import type { JobHandler } from './job-handler.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';
import { JobRunner, type JobRunnerOptions } from './job-runner.js';
import { JobSweeper } from './job-sweeper.js';
import { RepeatingTasks, type RepeatingTask } from './repeating-tasks.js';

export interface JobWorkerOptions extends Pick<
  JobRunnerOptions,
  'redisUrl' | 'redisPrefix' | 'concurrency' | 'partConcurrency' | 'shortPartPlaces' | 'lockDuration'
> {
  /** Whose work it is: every type of job of this queue needs exactly one handler. */
  readonly queue: JobQueueName;
  readonly handlers: readonly JobHandler[];
  /** What is to be done every now and then by any one of these workers. */
  readonly tasks?: readonly RepeatingTask[];
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly logger: JobsLogger;
  readonly metrics: Metrics;
  /** Milliseconds between commits of the commands that are in the queue. */
  readonly commitInterval: number;
  /** What must be there before the first command is taken. */
  readonly prepare: () => Promise<unknown>;
}

/**
 * The part of a worker that takes commands and does the jobs they are about. Its methods are Nest's lifecycle hooks: it
 * takes up work once what it needs is there, and hands it back before the connections close.
 */
export class JobWorker {
  private readonly queue: JobQueue;
  private readonly consumer: CommandConsumer;
  private readonly runner: JobRunner;
  private readonly sweeper: JobSweeper;
  private readonly tasks: RepeatingTasks | undefined;
  private started = false;

  /** @throws Error when a type of the queue has no handler, or two: such a worker must not start. */
  constructor(options: JobWorkerOptions) {
    const { queue: name, database, messaging, producer, logger, handlers, commitInterval, prepare } = options;
    const { topic, types } = jobQueues[name];
    const store = new JobStore(database);
    this.queue = new JobQueue(options);
    this.runner = new JobRunner({
      ...options,
      store,
      jobQueue: this.queue,
      types,
      handlers,
      metrics: new JobMetrics(options.metrics, name, types),
    });
    this.sweeper = new JobSweeper({
      store,
      queue: this.queue,
      commands: new JobCommands(store, producer),
      types,
      logger,
    });
    this.tasks = options.tasks && new RepeatingTasks({ ...options, tasks: options.tasks });
    const handler = new CommandHandler({ topic, queue: this.queue, producer, logger });
    this.consumer = new CommandConsumer(messaging, name, handler, {
      commitInterval,
      prepare: async () => {
        await prepare();
        this.startJobs();
      },
    });
  }

  /** Whether the group has given this worker its partitions. */
  get ready(): boolean {
    return this.consumer.ready;
  }

  onApplicationBootstrap(): void {
    this.consumer.onApplicationBootstrap();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const working = [this.runner.stop(), this.sweeper.stop(), this.tasks?.stop()];
    await Promise.all([this.consumer.beforeApplicationShutdown(), ...working]);
  }

  /** Closes its connection to Redis, once it has stopped. */
  close(): Promise<void> {
    return this.queue.close();
  }

  /** Preparing may be tried several times. */
  private startJobs(): void {
    if (this.started) return;
    this.started = true;
    this.runner.start();
    this.sweeper.start();
    this.tasks?.start();
  }
}
