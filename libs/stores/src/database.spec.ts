import { dropTestDatabase, freePort, openDoor, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from './database.js';
import { ensureIndexes } from './indexes.js';

/** Real: MongoDB, behind a door that is opened late. */
describe('a database', () => {
  it('that was not there when a service started is found when it comes', async () => {
    const { mongodbUri } = testServers();
    const late = await freePort();
    const name = uniqueDatabaseName();
    const uri = `mongodb://127.0.0.1:${late}/?directConnection=true`;
    const database = Database.create({ uri, name, timeout: 300 });
    await expect(ensureIndexes(database)).rejects.toThrow();
    await expect(database.ping()).rejects.toThrow();

    const door = await openDoor(new URL(mongodbUri).host, late);
    await ensureIndexes(database);
    await database.ping();

    await database.close();
    await door.shut();
    await dropTestDatabase(mongodbUri, name);
  });
});
