import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from './database.js';

/** A database of the real MongoDB for the tests of one file, closed and dropped after them. */
export function testDatabase(): Database {
  const { mongodbUri: uri } = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri, name });
  afterAll(async () => {
    await database.close();
    await dropTestDatabase(uri, name);
  });
  return database;
}
