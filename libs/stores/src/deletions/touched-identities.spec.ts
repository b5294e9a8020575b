import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { TouchedIdentities } from './touched-identities.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const touched = new TouchedIdentities(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

/** Real: MongoDB. */
it('keeps whom a deletion touched until it is verified, and who is still to be looked at', async () => {
  await touched.add(tenant, 'j', ['b', 'a', 'c', 'a']);
  await touched.add(tenant, 'other', ['z']);
  expect(await touched.unsettled(tenant, 'j', '', 2)).toEqual(['a', 'b']);
  await touched.settle(tenant, 'j', ['a', 'b']);
  expect(await touched.unsettled(tenant, 'j', '', 9)).toEqual(['c']);
  // Something more was taken from one that had been looked at.
  await touched.add(tenant, 'j', ['b', 'd']);
  expect(await touched.unsettled(tenant, 'j', '', 9)).toEqual(['b', 'c', 'd']);
  expect(await touched.all(tenant, 'j', 'a', 9)).toEqual(['b', 'c', 'd']);
  expect(await touched.all({ ...tenant, sandbox: 'dev' }, 'j', '', 9)).toEqual([]);
  await touched.forget(tenant, 'j', ['a', 'b', 'c', 'd']);
  expect(await touched.all(tenant, 'j', '', 9)).toEqual([]);
  expect(await touched.all(tenant, 'other', '', 9)).toEqual(['z']);
});

it('hands whom a deletion touched that was given up on to the next one, which looks at all of them', async () => {
  await touched.add(tenant, 'given-up', ['a', 'b', 'c']);
  await touched.settle(tenant, 'given-up', ['a']);
  await touched.add(tenant, 'next', ['c']);
  await touched.settle(tenant, 'next', ['c']);
  const handing = { from: 'given-up', to: 'next' };
  expect(await touched.handOn(tenant, handing, '', 2)).toBe('b');
  expect(await touched.unsettled(tenant, 'next', '', 9)).toEqual(['a', 'b']);
  expect(await touched.all(tenant, 'given-up', '', 9)).toEqual(['c']);
  expect(await touched.handOn(tenant, handing, 'b', 2)).toBe('c');
  expect(await touched.handOn(tenant, handing, 'c', 2)).toBeUndefined();
  expect(await touched.unsettled(tenant, 'next', '', 9)).toEqual(['a', 'b', 'c']);
  expect(await touched.all(tenant, 'given-up', '', 9)).toEqual([]);
});
