import { Redis } from 'ioredis';

/** Milliseconds after which a Redis that does not answer counts as away: nobody's request waits for it longer. */
const TIMEOUT_MS = 250;

/** A connection whose commands fail at once while Redis is away, and that comes back by itself. */
export function redisConnection(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    disconnectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  redis.on('error', onError);
  return redis;
}
