import { enable, EVENT, loyalty, PROFILE, startRegistry, type TestRegistry } from './schema-registry.fixture.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const withMap = { ...loyalty, properties: { identityMap: { type: 'object' } } };
const points = '/definitions/loyalty/properties/loyalty/properties/points';

describe('changing a schema', () => {
  it('raises its version and keeps the rest', async () => {
    const tenant = registry.newTenant();
    const { body: before } = await registry.create(tenant, loyalty);
    const changed = await registry.patch(tenant, before.$id, { op: 'replace', path: '/title', value: 'Members' });
    expect(changed).toMatchObject({ status: 200, body: { $id: before.$id, title: 'Members', version: '1.1' } });
    const put = await registry.registry(tenant, registry.at(before.$id), { method: 'PUT', body: loyalty });
    expect(put).toMatchObject({ status: 200, body: { title: loyalty.title, version: '1.2' } });
    expect((await registry.registry(tenant, registry.at(before.$id))).body).toEqual(put.body);
  });

  it('is not done where it cannot be, or makes no schema', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const patch = (...operations: object[]) => registry.patch(tenant, $id, ...operations);
    expect(await patch({ op: 'remove', path: '/none' })).toMatchObject({ status: 400, body: { code: 'TSR-CAT-0400' } });
    expect(await patch({ op: 'test', path: '/title', value: 'Other' })).toMatchObject({ status: 409 });
    expect(await patch({ op: 'remove', path: '/title' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/title' }] },
    });
    expect(await patch({ op: 'replace', path: '/version', value: '7' })).toMatchObject({
      body: { errors: [{ path: '/version' }] },
    });
    expect(await patch({ op: 'add', path: '/properties', value: { a: { $ref: '#/x' } } })).toMatchObject({
      status: 400,
    });
    expect(await patch({ op: 'replace', path: '/meta:class', value: EVENT })).toMatchObject({ status: 422 });
    expect((await registry.registry(tenant, registry.at($id))).body.version).toBe('1.0');
    expect((await registry.patch(tenant, 'https://x/y', { op: 'remove', path: '/title' })).status).toBe(404);
  });

  it('is refused with every fault, of what the registry decides and of what the change makes', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const refused = await registry.patch(
      ...([tenant, $id] as const),
      { op: 'replace', path: '/version', value: '7' },
      { op: 'replace', path: '/title', value: '' },
      { op: 'replace', path: '/meta:class', value: 'https://x/y' },
      { op: 'add', path: '/properties', value: { a: { $ref: '#/x' }, b: { type: 'zap' } } },
    );
    expect(refused).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    const paths = new Set(refused.body.errors.map(({ path }) => path));
    expect(paths).toEqual(new Set(['/version', '/title', '/meta:class', '/properties/a/$ref', '/properties/b/type']));
  });

  it('tells of a field that goes together with the primary identity that goes with it', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, withMap)).body;
    expect((await registry.patch(tenant, $id, enable)).status).toBe(200);
    const refused = await registry.patch(tenant, $id, { op: 'remove', path: '/properties/identityMap' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'TSR-SCH-0422' } });
    const paths = refused.body.errors.map(({ path }) => path);
    expect(paths.sort()).toEqual(['/meta:immutableTags', '/properties/identityMap']);
  });

  it('loses none of two changes made at one moment', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, { ...loyalty, properties: {} })).body;
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(
      names.map((name) =>
        registry.patch(tenant, $id, { op: 'add', path: `/properties/${name}`, value: { type: 'string' } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await registry.registry(tenant, registry.at($id));
    expect(Object.keys(body['properties'] as object).sort()).toEqual(names);
    expect(body.version).toBe('1.4');
  });

  it('enables it for profiles once it says whom its records are about', async () => {
    const tenant = registry.newTenant();
    const needed = { status: 422, body: { code: 'TSR-SCH-1422' } };
    expect(await registry.create(tenant, { ...loyalty, 'meta:immutableTags': ['union'] })).toMatchObject(needed);
    expect((await registry.create(tenant, { ...withMap, 'meta:immutableTags': ['union'] })).status).toBe(201);
    const { $id } = (await registry.create(tenant, loyalty)).body;
    expect(await registry.patch(tenant, $id, enable)).toMatchObject(needed);
    expect((await registry.describe(tenant, $id)).status).toBe(201);
    expect(await registry.patch(tenant, $id, enable)).toMatchObject({
      status: 200,
      body: { 'meta:immutableTags': ['union'], version: '1.1' },
    });
  });

  it('can only add to it from then on', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, withMap)).body;
    const free = await registry.patch(tenant, $id, { op: 'replace', path: `${points}/type`, value: 'number' });
    expect(free.status).toBe(200);
    await registry.patch(tenant, $id, enable);
    const refused = (...operations: object[]) => registry.patch(tenant, $id, ...operations);
    const field = '/properties/loyalty/properties/points';
    expect(await refused({ op: 'replace', path: `${points}/type`, value: 'integer' })).toMatchObject({
      status: 422,
      body: { code: 'TSR-SCH-0422', errors: [{ path: field }] },
    });
    expect(await refused({ op: 'remove', path: points })).toMatchObject({
      status: 422,
      body: { errors: [{ path: field }] },
    });
    expect(await refused({ op: 'add', path: '/required', value: ['loyalty'] })).toMatchObject({ status: 422 });
    expect(await refused({ op: 'remove', path: '/meta:immutableTags' })).toMatchObject({ status: 422 });
    const added = { op: 'add', path: '/properties/more', value: { type: 'string', maxLength: 5 } };
    expect((await refused(added)).status).toBe(200);
  });

  it('cannot take away from an enabled schema that refers to it', async () => {
    const tenant = registry.newTenant();
    const part = {
      title: 'Part',
      'meta:class': PROFILE,
      properties: { city: { type: 'string' } },
      definitions: { x: {} },
    };
    const { $id: partId } = (await registry.create(tenant, part)).body;
    const whole = {
      ...withMap,
      allOf: [{ $ref: partId }],
      properties: { ...withMap.properties, x: { $ref: `${partId}#/definitions/x` } },
    };
    const { $id } = (await registry.create(tenant, { ...whole, 'meta:immutableTags': ['union'] })).body;
    expect($id).toBeDefined();
    expect(await registry.patch(tenant, partId, { op: 'remove', path: '/properties/city' })).toMatchObject({
      status: 422,
    });
    expect(await registry.patch(tenant, partId, { op: 'remove', path: '/definitions/x' })).toMatchObject({
      status: 409,
    });
    const added = { op: 'add', path: '/properties/zip', value: { type: 'string' } };
    expect((await registry.patch(tenant, partId, added)).status).toBe(200);
  });
});

describe('datasets', () => {
  it('may have a schema of their own sandbox, which then stays', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, { title: 'Visits', 'meta:class': EVENT })).body;
    const created = await registry.dataset(tenant, $id);
    expect(created.status).toBe(201);
    const id = (created.body as unknown as string[])[0]?.replace('@/dataSets/', '') ?? '';
    const shown = await registry.call(tenant, `/data/foundation/catalog/dataSets/${id}`);
    expect(shown.body[id]).toMatchObject({ classification: { dataBehavior: 'time-series' }, schemaRef: { id: $id } });
    expect((await registry.dataset(registry.newTenant(), $id)).status).toBe(400);
    const remove = () => registry.registry(tenant, registry.at($id), { method: 'DELETE' });
    expect(await remove()).toMatchObject({ status: 409, body: { detail: expect.stringContaining(id) as string } });
    await registry.call(tenant, `/data/foundation/catalog/dataSets/${id}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
  });

  it('feed profiles once their schema is enabled for it', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, withMap)).body;
    const tags = { unifiedProfile: ['enabled:true'] };
    const refused = { status: 422, body: { code: 'TSR-SCH-2422', errors: [{ path: '/tags/unifiedProfile' }] } };
    expect(await registry.dataset(tenant, $id, tags)).toMatchObject(refused);
    const created = await registry.dataset(tenant, $id);
    const path = `/data/foundation/catalog/${((created.body as unknown as string[])[0] ?? '').slice(2)}`;
    expect(await registry.call(tenant, path, { method: 'PATCH', body: { tags } })).toMatchObject(refused);
    await registry.patch(tenant, $id, enable);
    expect((await registry.call(tenant, path, { method: 'PATCH', body: { tags } })).status).toBe(200);
    expect((await registry.dataset(tenant, $id, tags)).status).toBe(201);
  });

  it('never outlive their schema, at whatever moment both are asked for', async () => {
    for (let round = 0; round < 5; round += 1) {
      const tenant = registry.newTenant();
      const { $id } = (await registry.create(tenant, withMap)).body;
      const [created, removed] = await Promise.all([
        registry.dataset(tenant, $id),
        registry.registry(tenant, registry.at($id), { method: 'DELETE' }),
      ]);
      expect([
        [201, 409],
        [400, 204],
      ]).toContainEqual([created.status, removed.status]);
    }
  });
});
