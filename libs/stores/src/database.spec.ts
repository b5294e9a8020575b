import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { dropTestDatabase, freePort, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from './database.js';
import { ensureIndexes } from './indexes.js';

/** Real: MongoDB, behind a door that is opened late. */
describe('a database', () => {
  it('that was not there when a service started is found when it comes', async () => {
    const { mongodbUri } = testServers();
    const [host = '', port = ''] = new URL(mongodbUri).host.split(':');
    const late = await freePort();
    const name = uniqueDatabaseName();
    const uri = `mongodb://127.0.0.1:${late}/?directConnection=true`;
    const database = Database.create({ uri, name, timeout: 300 });
    await expect(ensureIndexes(database)).rejects.toThrow();
    await expect(database.ping()).rejects.toThrow();

    const door = createServer((client) => {
      const server = connect(Number(port), host);
      client.pipe(server).pipe(client);
      for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    }).listen(late, '127.0.0.1');
    await once(door, 'listening');
    await ensureIndexes(database);
    await database.ping();

    await database.close();
    door.close();
    await dropTestDatabase(mongodbUri, name);
  });
});
