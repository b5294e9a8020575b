import { Redis } from 'ioredis';

const PREFIX = 'tessera-test-';

/**
 * Deletes every key of Redis that carries a test's prefix: for that test the same as a Redis that lost its data.
 *
 * @throws Error for a prefix that is not a test's: nothing else may be deleted.
 */
export async function deleteTestKeys(redisUrl: string, prefix: string): Promise<void> {
  await withTestKeys(redisUrl, prefix, async (redis, keys) => {
    if (keys.length > 0) await redis.del(...keys);
  });
}

/**
 * Writes a field of the hash whose key carries a test's prefix and ends like that, as a fault of Redis or of a writer might.
 *
 * @throws Error for a prefix that is not a test's, or where there is no such key.
 */
export async function spoilTestHash(
  { redisUrl, prefix, ending }: { readonly redisUrl: string; readonly prefix: string; readonly ending: string },
  field: string,
  value: string,
): Promise<void> {
  await withTestKeys(redisUrl, prefix, async (redis, keys) => {
    const key = keys.find((found) => found.endsWith(ending));
    if (key === undefined) throw new Error(`No key of ${prefix}… ends with ${ending}.`);
    await redis.hset(key, field, value);
  });
}

async function withTestKeys(
  redisUrl: string,
  prefix: string,
  use: (redis: Redis, keys: readonly string[]) => Promise<void>,
): Promise<void> {
  if (!prefix.startsWith(PREFIX)) throw new Error(`Refused to touch keys "${prefix}…": a test prefix is ${PREFIX}….`);
  const redis = new Redis(redisUrl);
  try {
    await use(redis, await redis.keys(`*${prefix}*`));
  } finally {
    redis.disconnect();
  }
}
