import type { JsonObject, Tenant } from '@tessera/contracts';
import { enable, EVENT, PROFILE, startRegistry, type TestRegistry } from './schema-registry.fixture.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const identityMap = { type: 'object' };
const withFields = (title: string, properties: object, more: object = {}) => ({
  ...{ title, 'meta:class': PROFILE, properties: { identityMap, ...properties } },
  ...more,
});
const enabled = { 'meta:immutableTags': ['union'] };
const refused = { status: 409, body: { code: 'TSR-SCH-3409' } };
const path = '/properties/loyalty/properties/points';
const points = (type: string) => ({ loyalty: { type: 'object', properties: { points: { type } } } });

const unionOf = async (tenant: Tenant) =>
  (await registry.registry(tenant, `unions/${encodeURIComponent(`${PROFILE}__union`)}`)).body['properties'];

describe('a field of two enabled schemas of a class', () => {
  it('has one type: a schema that gives it another is not enabled, and is told where, what and by which schema', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, withFields('Shop', points('integer'), enabled))).body;
    const created = await registry.create(tenant, withFields('Card', points('string'), enabled));
    expect(created).toMatchObject({
      ...refused,
      body: { errors: [{ path, message: `is string, and integer in the schema ${$id} ("Shop")` }] },
    });
    const later = (await registry.create(tenant, withFields('Card', points('string')))).body.$id;
    expect(await registry.patch(tenant, later, enable)).toMatchObject({ ...refused, body: { errors: [{ path }] } });
    const put = { method: 'PUT', body: withFields('Card', points('string'), enabled) } as const;
    expect(await registry.registry(tenant, registry.at(later), put)).toMatchObject(refused);
    expect(await unionOf(tenant)).toMatchObject({ loyalty: { properties: { points: { type: 'integer' } } } });
    const mended = await registry.patch(tenant, later, enable, {
      ...{ op: 'replace', path: `${path}/type`, value: 'integer' },
    });
    expect(mended.status).toBe(200);
  });

  it('gets no other type by what is added to either, or to a schema that it refers to', async () => {
    const tenant = registry.newTenant();
    const add = { op: 'add', path: '/properties/city', value: { type: 'string' } };
    const part = (await registry.create(tenant, { title: 'Part', 'meta:class': PROFILE, properties: {} })).body.$id;
    const whole = withFields('Whole', {}, { ...enabled, allOf: [{ $ref: part }] });
    const wholeId = (await registry.create(tenant, whole)).body.$id;
    const other = (await registry.create(tenant, withFields('Other', { city: { type: 'object' } }, enabled))).body.$id;
    expect(await registry.patch(tenant, wholeId, add)).toMatchObject({
      ...refused,
      body: { errors: [{ path: '/properties/city', message: expect.stringContaining(other) as string }] },
    });
    expect(await registry.patch(tenant, part, add)).toMatchObject({
      ...refused,
      body: { errors: [{ message: expect.stringContaining(wholeId) as string }] },
    });
    expect((await registry.patch(tenant, part, { ...add, path: '/properties/town' })).status).toBe(200);
  });

  it('has no other type than the class gives it', async () => {
    const create = (properties: JsonObject) =>
      registry.create(registry.newTenant(), withFields('Own', properties, enabled));
    expect(await create({ homeAddress: { type: 'string' } })).toMatchObject({
      ...refused,
      body: { errors: [{ path: '/properties/homeAddress', message: expect.stringContaining(PROFILE) as string }] },
    });
    expect((await create({ homeAddress: { type: 'object' } })).status).toBe(201);
  });

  it('is free in schemas that are not enabled, of another class, or of another sandbox', async () => {
    const tenant = registry.newTenant();
    await registry.create(tenant, withFields('Shop', points('integer'), enabled));
    const other = withFields('Other', points('string'));
    expect((await registry.create(tenant, other)).status).toBe(201);
    expect((await registry.create(tenant, { ...other, ...enabled, 'meta:class': EVENT })).status).toBe(201);
    expect((await registry.create(registry.newTenant(), { ...other, ...enabled })).status).toBe(201);
  });

  it('has one type also where two schemas are enabled at one moment', async () => {
    const tenant = registry.newTenant();
    const answers = await Promise.all(
      ['integer', 'string'].map((type) => registry.create(tenant, withFields(type, points(type), enabled))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});
