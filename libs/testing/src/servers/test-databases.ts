import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';

const PREFIX = 'tessera_test_';

/** A database name no other test run uses. */
export function uniqueDatabaseName(): string {
  return `${PREFIX}${randomBytes(6).toString('hex')}`;
}

/**
 * Drops a test database with everything in it.
 *
 * @throws Error for a name that is not a test's: nothing else may be dropped.
 */
export async function dropTestDatabase(uri: string, name: string): Promise<void> {
  if (!name.startsWith(PREFIX)) throw new Error(`Refused to drop "${name}": a test database is named ${PREFIX}….`);
  const client = new MongoClient(uri);
  try {
    await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
