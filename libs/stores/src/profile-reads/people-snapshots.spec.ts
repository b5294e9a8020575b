import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { PeopleSnapshots } from './people-snapshots.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

/** Real: MongoDB. */
it('people can be read as of one moment where nothing was ever projected', async () => {
  await ensureIndexes(database);
  const people = await new PeopleSnapshots(database).people({ organisation: 'O@TesseraOrg', sandbox: 'prod' }, ['x']);
  expect(people).toMatchObject({ people: [], version: expect.any(Number) as number });
});
