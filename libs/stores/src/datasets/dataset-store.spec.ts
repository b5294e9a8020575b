import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { JobStore } from '../jobs/job-store.js';
import { ensureIndexes } from '../indexes.js';
import type { StoredDataset } from './dataset.js';
import { DatasetStore } from './dataset-store.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const store = new DatasetStore(database);
const jobs = new JobStore(database);

let sandboxes = 0;
const newTenant = (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(sandboxes += 1)}` });
const datasetOf = (tenant: Tenant, overrides: Partial<StoredDataset> = {}): Omit<StoredDataset, 'id'> => ({
  tenant,
  name: 'Loyalty',
  schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile' },
  tags: {},
  rules: { behavior: 'record', profile: true, identity: true, upsert: false },
  created: 1,
  updated: 1,
  version: '1.0.0',
  createdUser: 'client',
  ...overrides,
});
const created = async (tenant: Tenant, overrides?: Partial<StoredDataset>): Promise<StoredDataset> => {
  const dataset = await store.create(datasetOf(tenant, overrides));
  if (dataset === 'name-taken') throw new Error('the name is taken');
  return dataset;
};
const order = { requestedBy: 'client', requestId: 'r-1' };

beforeAll(() => ensureIndexes(database));

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('store of datasets', () => {
  it('keeps names of tags that mean something to the store or the language', async () => {
    const tenant = newTenant();
    const tags = JSON.parse('{"__proto__":["a"],"$where":["b"],"a.b":["c"]}') as StoredDataset['tags'];
    const { id } = await created(tenant, { tags, fileDescription: { $set: { 'x.y': null } } });
    const found = await store.find(tenant, id);
    expect(JSON.stringify(found?.tags)).toBe(JSON.stringify(tags));
    expect(found?.fileDescription).toEqual({ $set: { 'x.y': null } });
  });

  it('gives one of two creators a name', async () => {
    const tenant = newTenant();
    const outcomes = await Promise.all([store.create(datasetOf(tenant)), store.create(datasetOf(tenant))]);
    expect(outcomes.filter((outcome) => outcome === 'name-taken')).toHaveLength(1);
    expect(await store.create(datasetOf(newTenant()))).not.toBe('name-taken');
  });

  it('replaces only the version that was read', async () => {
    const tenant = newTenant();
    const dataset = await created(tenant);
    const next = { ...dataset, version: '1.0.1', name: 'Renamed' };
    expect(await store.replace(next, '1.0.0')).toBe('replaced');
    expect(await store.replace(next, '1.0.0')).toBe('changed');
    await created(tenant, { name: 'Other' });
    expect(await store.replace({ ...next, name: 'Other' }, '1.0.1')).toBe('name-taken');
  });

  it('has its data deleted by a job that is recorded in the step that removes it, once', async () => {
    const tenant = newTenant();
    const { id } = await created(tenant);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.delete(tenant, id, order)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await store.find(tenant, id)).toBeUndefined();
    const { children } = await jobs.list(tenant, {}, { start: 0, limit: 9 });
    expect(children).toEqual([outcomes.find(Boolean)]);
    expect(children[0]).toMatchObject({ tenant, type: 'TRUNCATE_DATASET', properties: { datasetId: id }, ...order });
  });

  it('deletes and finds nothing of another sandbox', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const { id } = await created(tenant);
    expect(await store.find(other, id)).toBeUndefined();
    expect(await store.delete(other, id, order)).toBeUndefined();
    expect((await jobs.list(other, {}, { start: 0, limit: 9 })).totalCount).toBe(0);
    expect(await store.find(tenant, id)).toBeDefined();
  });
});
