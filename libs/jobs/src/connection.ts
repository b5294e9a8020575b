import { Redis } from 'ioredis';

/** What the library tells the service's logger; pino's methods fit. */
export interface JobsLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where queues live. */
export interface QueueOptions {
  readonly redisUrl: string;
  /** Put before every key, so that deployments can share a Redis. */
  readonly redisPrefix: string;
  /** Name of the queue: one for each kind of worker. */
  readonly queue: string;
  readonly logger: JobsLogger;
}

/** Milliseconds between two log lines about one broken connection. */
const COMPLAIN_EVERY = 30_000;

/**
 * A connection as BullMQ needs it: commands wait for Redis to come back instead of failing after some tries. Errors are
 * logged and nothing else: a Redis that is down delays jobs, it does not end the process.
 */
export function connect({ redisUrl, queue, logger }: QueueOptions): Redis {
  const connection = new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 5), 2_000),
  });
  connection.on('error', complaints(logger, queue));
  return connection;
}

/** Logs errors of one kind at most twice a minute: a broken connection reports every attempt. */
export function complaints(logger: JobsLogger, queue: string): (error: Error) => void {
  const last = new Map<string, number>();
  return ({ name, message }) => {
    const now = Date.now();
    if (now - (last.get(message) ?? 0) < COMPLAIN_EVERY) return;
    if (last.size > 100) last.clear();
    last.set(message, now);
    logger.warn({ queue, error: `${name}: ${message}` }, 'Trouble with the queue of jobs');
  };
}

/** All keys of a queue share one hash tag: in a Redis cluster its scripts may only touch keys of one slot. */
export function keyPrefix({ redisPrefix, queue }: Pick<QueueOptions, 'redisPrefix' | 'queue'>): string {
  return `{${redisPrefix}${queue}}`;
}

/** Name of the queue for the parts of the jobs of a queue. */
export function partsOf(queue: string): string {
  return `${queue}-parts`;
}
