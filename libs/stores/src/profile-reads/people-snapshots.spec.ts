import { ensureIndexes } from '../indexes.js';
import { testDatabase } from '../test-database.fixture.js';
import { PeopleSnapshots } from './people-snapshots.js';

const database = testDatabase();

/** Real: MongoDB. */
it('people can be read as of one moment where nothing was ever projected', async () => {
  await ensureIndexes(database);
  const people = await new PeopleSnapshots(database).people({ organisation: 'O@TesseraOrg', sandbox: 'prod' }, ['x']);
  expect(people).toMatchObject({ people: [], version: expect.any(Number) as number });
});
