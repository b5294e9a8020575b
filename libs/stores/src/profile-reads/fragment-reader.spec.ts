import { tenantKey, type Tenant } from '@tessera/contracts';
import { testDatabase } from '../test-database.fixture.js';
import { FragmentReader } from './fragment-reader.js';

const database = testDatabase();

/** Real: MongoDB. */
it('a fragment that is found as it was and as it is, since it was replaced while it was read, is its newest self', async () => {
  const tenant: Tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
  // A scan that rests between the two finds both; here they stand side by side.
  const found = ['3', '9', '7'].map((version) => ({
    tenant: tenantKey(tenant),
    datasetId: 'd',
    xid: 'x',
    age: 0,
    version,
  }));
  const other = { tenant: tenantKey(tenant), datasetId: 'e', xid: 'x', age: 0, version: '1' };
  await database.collection('fragments').insertMany([...found, other]);
  const fragments = await new FragmentReader(database).findMany(tenant, ['x']);
  expect(fragments.map(({ datasetId, version }) => [datasetId, version]).sort()).toEqual([
    ['d', '9'],
    ['e', '1'],
  ]);
});
