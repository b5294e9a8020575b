import { enable, loyalty, PROFILE, startRegistry, type TestRegistry } from './schema-registry.fixture.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

describe('identity descriptors', () => {
  it('are shown as they were written', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const created = await registry.describe(tenant, $id);
    expect(created).toMatchObject({
      status: 201,
      body: {
        '@id': expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        '@type': 'xdm:descriptorIdentity',
        'xdm:sourceSchema': $id,
        'xdm:sourceVersion': 1,
        'xdm:sourceProperty': '/personalEmail/address',
        'xdm:namespace': 'Email',
        'xdm:property': 'xdm:code',
        'xdm:isPrimary': true,
        imsOrg: tenant.organisation,
      },
    });
    const below = `descriptors/${created.body['@id']}`;
    expect((await registry.registry(tenant, below)).body).toEqual(created.body);
    expect((await registry.registry(tenant, 'descriptors')).body.results).toEqual([created.body]);
    expect((await registry.registry(registry.newTenant(), below)).status).toBe(404);
    expect((await registry.registry(tenant, below, { method: 'DELETE' })).status).toBe(204);
    expect(await registry.registry(tenant, below)).toMatchObject({ status: 404, body: { code: 'TSR-SCH-1404' } });
  });

  it('name a namespace by code or by id', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const byId = { 'xdm:namespace': 6, 'xdm:property': 'xdm:id' };
    expect((await registry.describe(tenant, $id, byId)).status).toBe(201);
    const other = { 'xdm:sourceProperty': '/workEmail/address', 'xdm:namespace': 'eMAIL', 'xdm:isPrimary': false };
    expect((await registry.describe(tenant, $id, other)).status).toBe(201);
  });

  it('tell every fault: an unknown schema, field or namespace, a field that is no string', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const paths = async (schema: string, change: object) =>
      (await registry.describe(tenant, schema, change)).body.errors.map(({ path }) => path);
    expect(await paths($id, { 'xdm:sourceProperty': '/none', 'xdm:namespace': 'None' })).toEqual([
      '/xdm:sourceProperty',
      '/xdm:namespace',
    ]);
    for (const property of ['/loyalty/points', '/personalEmail', 'personalEmail/address', '/']) {
      expect(await paths($id, { 'xdm:sourceProperty': property })).toEqual(['/xdm:sourceProperty']);
    }
    expect(await paths('https://x/y', {})).toEqual(['/xdm:sourceSchema']);
    expect(await paths(PROFILE, {})).toEqual(['/xdm:sourceSchema']);
    const several = { '@type': 'xdm:descriptorOneToOne', 'xdm:sourceProperty': 'email', 'xdm:isPrimary': 'yes' };
    expect((await paths($id, several)).sort()).toEqual(['/@type', '/xdm:isPrimary', '/xdm:sourceProperty']);
    expect((await paths('https://x/y', { ...several, 'xdm:namespace': 'None' })).sort()).toEqual([
      ...['/@type', '/xdm:isPrimary', '/xdm:namespace', '/xdm:sourceProperty', '/xdm:sourceSchema'],
    ]);
    const shapeless = { 'xdm:sourceSchema': 5, 'xdm:sourceProperty': [], 'xdm:namespace': {}, 'xdm:property': 'id' };
    expect((await paths($id, shapeless)).sort()).toEqual(
      Object.keys(shapeless)
        .map((name) => `/${name}`)
        .sort(),
    );
    expect((await registry.registry(tenant, 'descriptors', { method: 'POST', body: [] })).status).toBe(400);
  });

  it('are one for a field, and one primary for a schema, also when many are made at one moment', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const answers = await Promise.all(
      ['/personalEmail/address', '/workEmail/address', '/mobilePhone/number'].map((property) =>
        registry.describe(tenant, $id, { 'xdm:sourceProperty': property }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const [first] = answers.filter(({ status }) => status === 201);
    const again = { 'xdm:sourceProperty': first?.body['xdm:sourceProperty'], 'xdm:isPrimary': false };
    expect(await registry.describe(tenant, $id, again)).toMatchObject({ status: 409, body: { code: 'TSR-SCH-2409' } });
  });

  it('hold their field and an enabled schema’s primary identity in place, and go with their schema', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, { ...loyalty, properties: { mail: { type: 'string' } } })).body;
    const { '@id': id } = (await registry.describe(tenant, $id, { 'xdm:sourceProperty': '/mail' })).body;
    expect(await registry.patch(tenant, $id, { op: 'remove', path: '/properties/mail' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: '/mail', message: expect.stringContaining(id) as string }] },
    });
    await registry.patch(tenant, $id, enable);
    const remove = (below: string) => registry.registry(tenant, below, { method: 'DELETE' });
    expect(await remove(`descriptors/${id}`)).toMatchObject({ status: 409, body: { code: 'TSR-SCH-0409' } });
    expect((await remove(registry.at($id))).status).toBe(204);
    expect((await registry.registry(tenant, 'descriptors')).body.results).toEqual([]);
  });

  it('ask for the scope of each operation', async () => {
    const tenant = registry.newTenant();
    expect((await registry.registry(tenant, 'descriptors', { scopes: ['profile.write'] })).status).toBe(403);
    const remove = { method: 'DELETE' as const, scopes: ['profile.read' as const] };
    expect((await registry.registry(tenant, 'descriptors/x', remove)).status).toBe(403);
  });
});

describe('unions', () => {
  const union = encodeURIComponent(`${PROFILE}__union`);

  it('have the fields of the enabled schemas of a class, and of no others', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    await registry.create(tenant, { title: 'Other', 'meta:class': PROFILE, properties: { other: { type: 'string' } } });
    const fields = async () =>
      Object.keys((await registry.registry(tenant, `unions/${union}`)).body['properties'] as object);
    expect(await fields()).toEqual(expect.arrayContaining(['person', 'identityMap']));
    expect(await fields()).not.toContain('loyalty');
    await registry.describe(tenant, $id);
    await registry.patch(tenant, $id, enable);
    expect(await fields()).toContain('loyalty');
    expect(await fields()).not.toContain('other');
  });

  it('are one for each class, by either name, and cannot be changed', async () => {
    const tenant = registry.newTenant();
    const { body } = await registry.registry(tenant, 'unions');
    expect(body.results.map(({ $id }) => $id)).toContain(`${PROFILE}__union`);
    const byName = await registry.registry(tenant, 'unions/_xdm.context.profile__union');
    expect(byName).toMatchObject({ status: 200, body: { $id: `${PROFILE}__union`, 'meta:class': PROFILE } });
    expect((await registry.registry(tenant, 'unions/none__union')).status).toBe(404);
    expect((await registry.registry(tenant, `unions/${union}`, { method: 'DELETE' })).status).toBe(404);
  });
});
