import { loyalty, PROFILE, startRegistry, type TestRegistry } from './schema-registry.fixture.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());
const pathsOf = ({ body }: { body: { errors: readonly { path: string }[] } }) => body.errors.map(({ path }) => path);

describe('schemas', () => {
  it('are shown as they were written, with what the registry adds', async () => {
    const tenant = registry.newTenant();
    const created = await registry.create(tenant, { ...loyalty, $id: 'mine', version: '9', 'x-note': { 'a.b': 1 } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      ...loyalty,
      'x-note': { 'a.b': 1 },
      $id: expect.stringMatching(/^https:\/\/ns\.tessera\.dev\/[0-9a-f]+\/schemas\/[0-9a-f]{48}$/) as string,
      'meta:altId': expect.stringMatching(/^_[0-9a-f]+\.schemas\.[0-9a-f]{48}$/) as string,
      'meta:resourceType': 'schemas',
      version: '1.0',
      'meta:extends': [PROFILE],
      imsOrg: tenant.organisation,
      'meta:sandboxType': 'development',
    });
    for (const id of [created.body.$id, created.body['meta:altId']]) {
      expect((await registry.registry(tenant, registry.at(id))).body).toEqual(created.body);
      expect((await registry.registry(registry.newTenant(), registry.at(id))).status).toBe(404);
    }
  });

  it('follow references for those who ask for it, and show names alone to those who ask for that', async () => {
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const accept = (type: string) => ({ headers: { accept: `application/vnd.adobe.${type}+json; version=1` } });
    const full = await registry.registry(tenant, registry.at($id), accept('xed-full'));
    expect(full.body).toMatchObject({
      $id,
      properties: { loyalty: { properties: { tier: { type: 'string' } } }, personalEmail: { type: 'object' } },
    });
    expect(full.text).not.toContain('$ref');
    const { body } = await registry.registry(tenant, 'schemas', accept('xed-id'));
    expect(Object.keys(body.results[0] ?? {})).toEqual([
      '$id',
      'meta:altId',
      'meta:resourceType',
      'version',
      'title',
      'meta:class',
    ]);
  });

  it('that are built in are there in every sandbox, and stay as they are', async () => {
    const tenant = registry.newTenant();
    for (const id of [PROFILE, '_xdm.context.profile']) {
      expect(await registry.registry(tenant, registry.at(id))).toMatchObject({ status: 200, body: { $id: PROFILE } });
    }
    const refused = { status: 400, body: { code: 'TSR-SCH-0400' } };
    expect(await registry.patch(tenant, PROFILE, { op: 'add', path: '/title', value: 'Mine' })).toMatchObject(refused);
    expect(await registry.registry(tenant, registry.at(PROFILE), { method: 'DELETE' })).toMatchObject(refused);
  });

  it('can be of the class they refer to, by name or by id', async () => {
    const tenant = registry.newTenant();
    const { 'meta:class': _class, ...unnamed } = loyalty;
    expect((await registry.create(tenant, unnamed)).body['meta:class']).toBe(PROFILE);
    expect((await registry.create(tenant, { title: 'T', 'meta:class': '_xdm.context.profile' })).body).toMatchObject({
      'meta:class': PROFILE,
      type: 'object',
    });
    expect(pathsOf(await registry.create(tenant, { title: 'T' }))).toEqual(['/meta:class']);
    expect(pathsOf(await registry.create(tenant, { title: 'T', 'meta:class': 'https://x/y' }))).toEqual([
      '/meta:class',
    ]);
  });

  it('are refused with every fault: references that lead nowhere, patterns that could stall, wrong keywords', async () => {
    const tenant = registry.newTenant();
    const properties = {
      a: { $ref: '#/definitions/none' },
      b: { type: 'string', pattern: '(?=x)' },
      c: { $ref: 'urn:x' },
    };
    const answer = await registry.create(tenant, { ...loyalty, properties });
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual(['/properties/a/$ref', '/properties/b/pattern', '/properties/c/$ref']);
    expect(pathsOf(await registry.create(tenant, { ...loyalty, properties: { a: { type: 'text' } } }))).toContain(
      '/properties/a/type',
    );
    expect((await registry.create(tenant, { ...loyalty, properties: { a: { pattern: '^(a+)+$' } } })).status).toBe(201);
    expect(pathsOf(await registry.create(tenant, { 'meta:class': PROFILE }))).toEqual(['/title']);
  });

  it('are refused for their shape, for their class and for their fields at once', async () => {
    const faulty = {
      'meta:class': 'https://x/y',
      'meta:immutableTags': 'union',
      properties: { a: { type: 'zap' }, b: { $ref: 'urn:x' } },
    };
    const tenant = registry.newTenant();
    const { $id } = (await registry.create(tenant, loyalty)).body;
    const put = registry.registry(tenant, registry.at($id), { method: 'PUT', body: faulty });
    for (const answer of [await registry.create(tenant, faulty), await put]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
      const paths = ['/meta:class', '/meta:immutableTags', '/properties/a/type', '/properties/b/$ref', '/title'];
      expect([...new Set(pathsOf(answer))].sort()).toEqual(paths);
    }
    expect(pathsOf(await registry.create(tenant, { ...loyalty, 'meta:class': 5 }))).toEqual(['/meta:class']);
    expect((await registry.create(tenant, [])).status).toBe(400);
  });

  it('may nest deeper than other bodies, but not without end', async () => {
    const tenant = registry.newTenant();
    const nested = (levels: number): object =>
      levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(levels - 1) } };
    expect((await registry.create(tenant, { ...loyalty, properties: { a: nested(30) } })).status).toBe(201);
    expect((await registry.create(tenant, { ...loyalty, properties: { a: nested(90) } })).status).toBe(400);
  });

  it('refer to one another, and one that is referred to stays', async () => {
    const tenant = registry.newTenant();
    const address = { title: 'Address', 'meta:class': PROFILE, properties: { city: { type: 'string' } } };
    const { $id: part } = (await registry.create(tenant, address)).body;
    const { $id: whole } = (await registry.create(tenant, { ...loyalty, properties: { home: { $ref: part } } })).body;
    const remove = (id: string) => registry.registry(tenant, registry.at(id), { method: 'DELETE' });
    expect(await remove(part)).toMatchObject({ status: 409, body: { code: 'TSR-SCH-0409' } });
    expect((await remove(whole)).status).toBe(204);
    expect((await remove(part)).status).toBe(204);
    expect((await remove(part)).status).toBe(404);
    expect(
      (await registry.create(registry.newTenant(), { ...loyalty, properties: { home: { $ref: part } } })).status,
    ).toBe(400);
  });

  it('are listed page by page, none twice and none left out, while others come', async () => {
    const tenant = registry.newTenant();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push((await registry.create(tenant, loyalty)).body.$id);
    const seen: string[] = [];
    let start: string | null = '';
    while (start !== null) {
      const { body, status } = await registry.registry(tenant, `schemas?limit=2&start=${start}`);
      expect(status).toBe(200);
      seen.push(...body.results.map(({ $id }) => $id));
      start = body._page.next;
      if (seen.length === 2) ids.push((await registry.create(tenant, loyalty)).body.$id);
    }
    expect(seen).toEqual(ids);
    expect((await registry.registry(registry.newTenant(), 'schemas')).body.results).toEqual([]);
    for (const query of ['limit=0', 'limit=1001', 'start=x']) {
      expect((await registry.registry(tenant, `schemas?${query}`)).status).toBe(400);
    }
  });

  it('are all there when many are made at one moment', async () => {
    const tenant = registry.newTenant();
    const answers = await Promise.all(Array.from({ length: 8 }, () => registry.create(tenant, loyalty)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await registry.registry(tenant, 'schemas')).body._page.count).toBe(8);
  });

  it('ask for the scope of each operation', async () => {
    const tenant = registry.newTenant();
    const read = { scopes: ['profile.read'] as const };
    expect((await registry.registry(tenant, 'schemas', { method: 'POST', body: loyalty, ...read })).status).toBe(403);
    expect((await registry.registry(tenant, 'schemas', { scopes: ['profile.write'] })).status).toBe(403);
  });
});
