import { Redis } from 'ioredis';
import { UnavailableError } from '@tessera/contracts';
import { FILL, KEEP, PUSH } from './scripts.js';

type Script<Parameters extends readonly unknown[]> = (key: string, ...parameters: Parameters) => Promise<number>;

/** A connection that knows this library's scripts. */
export type EdgeRedis = Redis & {
  readonly pushCopies: Script<(string | number)[]>;
  readonly fillCopy: Script<(string | number)[]>;
  readonly keepText: Script<(string | number)[]>;
};

const DEFAULT_TIMEOUT_MS = 1_000;

/** A connection whose commands fail at once while Redis is away, and that comes back by itself. */
export function connectRedis(url: string, timeout = DEFAULT_TIMEOUT_MS): EdgeRedis {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    disconnectTimeout: timeout,
    commandTimeout: timeout,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
    scripts: {
      pushCopies: { lua: PUSH, numberOfKeys: 1 },
      fillCopy: { lua: FILL, numberOfKeys: 1 },
      keepText: { lua: KEEP, numberOfKeys: 1 },
    },
  }) as EdgeRedis;
  // What is wrong shows in the commands that fail.
  redis.on('error', () => undefined);
  return redis;
}

/**
 * Lets the commands of one turn of the event loop share one write: on its own, each would be a fifth of a lookup's
 * processor time. The client's automatic pipelines do so too, but keep so much alive that collecting it costs more.
 */
export function shareWrite({ status, stream }: EdgeRedis): void {
  if (status !== 'ready' || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** Server refusals that another try does not help, such as a script at fault; anything else is Redis being away. */
const OWN_FAULT = /^(ERR|WRONGTYPE|NOSCRIPT)\b/;

/** @throws UnavailableError in place of the client's own errors for a Redis that cannot be reached. */
export async function redisAvailable<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const isOwnFault = error instanceof Error && error.name === 'ReplyError' && OWN_FAULT.test(error.message);
    throw isOwnFault ? error : new UnavailableError('redis', error);
  }
}
