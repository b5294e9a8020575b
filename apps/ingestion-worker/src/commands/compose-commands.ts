import type { IngestionWorkerConfiguration } from '@tessera/config';
import { JobCommands, JobQueue, JobRunner, JobSweeper, type JobHandler } from '@tessera/jobs';
import type { Messaging, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import { JobStore, type Database } from '@tessera/stores';
import { CommandConsumer } from './command.consumer.js';
import { CommandHandler } from './command.handler.js';
import { LongWork } from './long-work.js';

export interface CommandParts {
  readonly configuration: IngestionWorkerConfiguration;
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly logger: Logger;
  /** One for each type of job this worker does. */
  readonly handlers: readonly JobHandler[];
  /** What must be there before the first command is taken. */
  readonly prepare: () => Promise<unknown>;
}

/** Puts together what takes commands and does the jobs they are about. */
export function composeCommands({ configuration, database, messaging, producer, logger, ...parts }: CommandParts): {
  readonly consumer: CommandConsumer;
  readonly longWork: LongWork;
  readonly queue: JobQueue;
} {
  const store = new JobStore(database);
  const options = {
    redisUrl: configuration.REDIS_URL,
    redisPrefix: configuration.REDIS_PREFIX,
    queue: 'ingestion',
    logger,
  };
  const queue = new JobQueue(options);
  const types = parts.handlers.map(({ type }) => type);
  const runner = new JobRunner({
    ...options,
    store,
    jobQueue: queue,
    types,
    handlers: parts.handlers,
    concurrency: configuration.JOB_CONCURRENCY,
    partConcurrency: configuration.JOB_PART_CONCURRENCY,
    lockDuration: configuration.JOB_LOCK_MS,
  });
  const sweeper = new JobSweeper({ store, queue, commands: new JobCommands(store, producer), types, logger });
  const longWork = new LongWork(runner, sweeper);
  const consumer = new CommandConsumer(messaging, new CommandHandler({ queue, producer, logger }), {
    commitInterval: configuration.COMMIT_INTERVAL_MS,
    prepare: async () => {
      await parts.prepare();
      longWork.start();
    },
  });
  return { consumer, longWork, queue };
}
