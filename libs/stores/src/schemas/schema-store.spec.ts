import type { JsonObject, Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { SchemaCatalogue } from './schema-catalogue.js';
import { SchemaStore, type SchemaReader } from './schema-store.js';
import type { StoredDescriptor, StoredSchema } from './stored-schema.js';

const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const store = new SchemaStore(database);
beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

let made = 0;
const newTenant = (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `s${(made += 1)}` });
const schemaOf = (tenant: Tenant, document: JsonObject = {}, change: Partial<StoredSchema> = {}): StoredSchema => ({
  id: `https://ns.tessera.dev/t/schemas/${(made += 1)}`,
  altId: `_t.schemas.${made}`,
  tenant,
  classId: PROFILE,
  title: 'T',
  enabled: false,
  version: '1.0',
  created: made,
  updated: made,
  createdClient: 'c',
  document: { 'meta:class': PROFILE, ...document },
  ...change,
});
const descriptorOf = ({ id, tenant }: StoredSchema, property: string): StoredDescriptor => ({
  id: `d${(made += 1)}`,
  tenant,
  schemaId: id,
  namespace: 'Email',
  isPrimary: true,
  created: made,
  document: { 'xdm:sourceProperty': property, 'xdm:isPrimary': true },
});
/** Changes whatever the registry is now. */
const change = async (tenant: Tenant, what: Parameters<SchemaStore['change']>[2]): Promise<void> => {
  expect(await store.change(tenant, await store.revision(tenant), what)).toBe(true);
};

describe('the schema store', () => {
  it('keeps schemas as they were written, whatever their keys', async () => {
    const tenant = newTenant();
    const document = JSON.parse('{"$ref": "a.b", "__proto__": {"$where": 1}, "properties": {"a.b": {}}}') as JsonObject;
    const schema = schemaOf(tenant, document);
    await change(tenant, { schemas: [schema] });
    expect(JSON.stringify((await store.find(tenant, schema.id))?.document)).toBe(JSON.stringify(schema.document));
    expect(await store.find(tenant, schema.altId)).toEqual(schema);
    expect(await store.find(newTenant(), schema.id)).toBeUndefined();
    expect(await store.findMany(newTenant(), [schema.id])).toEqual([]);
  });

  it('refuses a change that was decided on what is no longer so', async () => {
    const tenant = newTenant();
    const { revision } = await store.load(tenant);
    const attempts = Array.from({ length: 8 }, () => schemaOf(tenant));
    const outcomes = await Promise.all(attempts.map((schema) => store.change(tenant, revision, { schemas: [schema] })));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const snapshot = await store.load(tenant);
    expect(snapshot.schemas).toEqual(attempts.filter((_schema, index) => outcomes[index]));
    expect(snapshot.revision).toBe(1);
  });

  it('lists by creation, page by page, a tenant’s own only', async () => {
    const tenant = newTenant();
    const schemas = [5, 1, 5, 3].map((created) => schemaOf(tenant, {}, { created }));
    await change(tenant, { schemas });
    await change(newTenant(), { schemas: [schemaOf(newTenant())] });
    const sorted = schemas.toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
    const first = await store.list(tenant, 3);
    expect(first).toEqual(sorted.slice(0, 3));
    expect(await store.list(tenant, 3, first.at(-1))).toEqual(sorted.slice(3));
  });

  it('forgets schemas and descriptors together', async () => {
    const tenant = newTenant();
    const schema = schemaOf(tenant);
    const descriptor = descriptorOf(schema, '/email');
    await change(tenant, { schemas: [schema], descriptors: [descriptor] });
    expect(await store.findDescriptor(tenant, descriptor.id)).toEqual(descriptor);
    expect(await store.findDescriptor(newTenant(), descriptor.id)).toBeUndefined();
    await change(tenant, { deletedSchemas: [schema.id], deletedDescriptors: [descriptor.id] });
    expect(await store.load(tenant)).toEqual({ revision: 2, schemas: [], descriptors: [] });
  });
});

describe('the catalogue of compiled schemas', () => {
  it('sees a change of a schema, of what it refers to, and of its descriptors at once', async () => {
    const tenant = newTenant();
    const part = schemaOf(tenant, { properties: { size: { type: 'integer' } } });
    const schema = schemaOf(tenant, { allOf: [{ $ref: part.id }] });
    await change(tenant, { schemas: [part, schema] });
    const catalogue = new SchemaCatalogue(store);
    const faults = async () => (await catalogue.find(tenant, schema.id))?.faults({ size: 'L' }).length;
    expect(await faults()).toBe(1);
    await change(tenant, { schemas: [{ ...part, version: '1.1', document: { 'meta:class': PROFILE } }] });
    expect(await faults()).toBe(0);
    await change(tenant, { descriptors: [descriptorOf(schema, '/personalEmail/address')] });
    expect((await catalogue.find(tenant, schema.id))?.identityFields).toEqual([
      { steps: ['personalEmail', 'address'], namespace: 'Email', isPrimary: true },
    ]);
    await change(tenant, { deletedSchemas: [schema.id] });
    expect(await catalogue.find(tenant, schema.id)).toBeUndefined();
  });

  it('compiles a version once, whatever else changes in the sandbox', async () => {
    const tenant = newTenant();
    const schema = schemaOf(tenant);
    await change(tenant, { schemas: [schema] });
    const catalogue = new SchemaCatalogue(store);
    const before = await catalogue.find(tenant, schema.id);
    await change(tenant, { schemas: [schemaOf(tenant)] });
    expect(await catalogue.find(tenant, schema.id)).toBe(before);
    await change(tenant, { schemas: [{ ...schema, version: '1.1' }] });
    expect(await catalogue.find(tenant, schema.id)).not.toBe(before);
  });

  it('keeps sandboxes apart, and asks nothing about built-in schemas', async () => {
    const tenant = newTenant();
    const schema = schemaOf(tenant);
    await change(tenant, { schemas: [schema] });
    const catalogue = new SchemaCatalogue(store);
    expect(await catalogue.find(tenant, schema.id)).toBeDefined();
    expect(await catalogue.find(newTenant(), schema.id)).toBeUndefined();
    const deaf: SchemaReader = {
      revision: () => Promise.reject(new Error('asked')),
      findMany: () => Promise.reject(new Error('asked')),
      descriptorsOf: () => Promise.reject(new Error('asked')),
    };
    expect(await new SchemaCatalogue(deaf).findMany(tenant, [PROFILE])).toEqual(new Map());
  });
});
