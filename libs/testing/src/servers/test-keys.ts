import { Redis } from 'ioredis';

const PREFIX = 'tessera-test-';

/**
 * Deletes every key of Redis that carries a test's prefix: for that test the same as a Redis that lost its data.
 *
 * @throws Error for a prefix that is not a test's: nothing else may be deleted.
 */
export async function deleteTestKeys(redisUrl: string, prefix: string): Promise<void> {
  if (!prefix.startsWith(PREFIX)) throw new Error(`Refused to delete keys "${prefix}…": a test prefix is ${PREFIX}….`);
  const redis = new Redis(redisUrl);
  try {
    const keys = await redis.keys(`*${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
  } finally {
    redis.disconnect();
  }
}
