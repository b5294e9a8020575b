import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { JobStore } from '../jobs/job-store.js';
import { DeletionFences } from './deletion-fences.js';
import { adoptPromisedDeletions } from './promised-deletions.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const jobs = new JobStore(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'dev' };

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

/** Real: MongoDB. The documents are as earlier versions wrote them. */
it('turns deletions that earlier versions promised into jobs at their time, once', async () => {
  const promise = {
    tenant: 'ORG@TesseraOrg/dev',
    ...tenant,
    acceptedAt: 500,
    requestedBy: 'c',
    requestId: 'r',
    status: 'NEW',
  };
  await database.collection<{ _id: string; subject: object }>('deletion_requests').insertMany([
    { _id: '1', ...promise, subject: { kind: 'dataset', datasetId: 'd', behavior: 'record' } },
    { _id: '2', ...promise, subject: { kind: 'sandbox' } },
  ]);
  await database
    .collection<{ _id: string }>('sandboxes')
    .insertOne({ _id: 'ORG@TesseraOrg/dev', id: 's' } as { _id: string });
  await Promise.all([adoptPromisedDeletions(database), adoptPromisedDeletions(database)]);
  await adoptPromisedDeletions(database);
  expect(await jobs.find(tenant, '1')).toMatchObject({
    type: 'TRUNCATE_DATASET',
    properties: { datasetId: 'd', isRemoved: true, at: 500 },
    createdAt: 500,
    requestedBy: 'c',
  });
  expect(await jobs.find({ ...tenant, sandbox: 'prod' }, '2')).toMatchObject({
    type: 'DELETE_SANDBOX',
    properties: { sandboxName: 'dev', sandboxId: 's' },
  });
  const table = await new DeletionFences(database).read(tenant, { datasetIds: ['d'], batchIds: [], xids: [] });
  expect([table.version, table.ofSource({ datasetId: 'x' })]).toEqual([2, Number.MAX_SAFE_INTEGER]);
  expect(await database.collection('deletion_requests').countDocuments()).toBe(0);
  expect(await jobs.unfinished(['TRUNCATE_DATASET', 'DELETE_SANDBOX'], '', 9)).toHaveLength(2);
});
