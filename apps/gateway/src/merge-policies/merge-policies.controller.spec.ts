import {
  policyBody,
  startPolicyApplication,
  type Page,
  type Policy,
  type PolicyApplication,
  type Problem,
} from './merge-policies.fixture.js';

let policies: PolicyApplication;
beforeAll(async () => {
  policies = await startPolicyApplication();
});
afterAll(() => policies.close());

describe('merge policies over HTTP', () => {
  it('shows the policy a sandbox is born with', async () => {
    const tenant = policies.newTenant();
    const { body: page } = await policies.get<Page>(tenant);
    expect(page).toMatchObject({ _page: { totalCount: 1, pageSize: 20, count: 1 }, _links: { next: { href: '' } } });
    expect(page.children[0]).toEqual({
      id: expect.any(String) as string,
      name: 'Default Timebased',
      imsOrgId: tenant.organisation,
      sandbox: {
        sandboxId: `id-of-${tenant.sandbox}`,
        sandboxName: tenant.sandbox,
        type: 'development',
        default: false,
      },
      schema: { name: '_xdm.context.profile' },
      version: 1,
      identityGraph: { type: 'pdg' },
      attributeMerge: { type: 'timestampOrdered' },
      isActiveOnEdge: false,
      default: true,
      updateEpoch: expect.any(Number) as number,
    });
    expect(await policies.get(tenant, `/${page.children[0]?.id}`)).toMatchObject({
      status: 200,
      body: page.children[0],
    });
  });

  it('needs profile.read to read and profile.write to change', async () => {
    const tenant = policies.newTenant();
    const read = { scopes: ['profile.read'] } as const;
    const write = { scopes: ['profile.write'] } as const;
    expect((await policies.get(tenant, '', read)).status).toBe(200);
    expect((await policies.get(tenant, '', write)).status).toBe(403);
    expect((await policies.get(tenant, '', { ...read, method: 'POST', body: policyBody() })).status).toBe(403);
    expect((await policies.get(tenant, '', { ...write, method: 'POST', body: policyBody() })).status).toBe(200);
    const bulk = { ...read, method: 'POST', body: { ids: [{ id: 'x' }] } } as const;
    expect((await policies.get(tenant, '/bulk-get', bulk)).status).toBe(207);
  });

  it('tells every fault of a body, each with its place', async () => {
    const answer = await policies.post<Problem>(policies.newTenant(), {
      name: '',
      schema: { name: 'nope' },
      attributeMerge: { type: 'timestampOrdered', order: ['a'] },
      default: 'yes',
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map(({ path }) => path).sort()).toEqual([
      '/attributeMerge/order',
      '/default',
      '/identityGraph',
      '/name',
      '/schema/name',
    ]);
    const withoutOrder = await policies.post<Problem>(
      policies.newTenant(),
      policyBody({ attributeMerge: { type: 'dataSetPrecedence' } }),
    );
    expect(withoutOrder.body.errors).toEqual([{ path: '/attributeMerge/order', message: 'is required' }]);
  });

  it('takes an order of record datasets of this sandbox only', async () => {
    const tenant = policies.newTenant();
    const own = await policies.dataset(tenant);
    const events = await policies.dataset(tenant, 'time-series');
    const foreign = await policies.dataset(policies.newTenant());
    const order = [own, events, foreign, 'unknown'];
    const refused = await policies.post<Problem>(
      tenant,
      policyBody({ attributeMerge: { type: 'dataSetPrecedence', order } }),
    );
    expect(refused.status).toBe(400);
    expect(refused.body.errors?.map(({ path }) => path)).toEqual([
      '/attributeMerge/order/1',
      '/attributeMerge/order/2',
      '/attributeMerge/order/3',
    ]);
    const created = await policies.create(tenant, { attributeMerge: { type: 'dataSetPrecedence', order: [own] } });
    expect(created.attributeMerge).toEqual({ type: 'dataSetPrecedence', order: [own] });
  });

  it('patches one or several settings, in slash or dot spelling, with booleans as text', async () => {
    const tenant = policies.newTenant();
    const { id } = await policies.create(tenant);
    const own = await policies.dataset(tenant);
    const first = await policies.patch(tenant, id, { op: 'add', path: '/identityGraph.type', value: 'none' });
    expect(first).toMatchObject({ status: 200, body: { version: 2, identityGraph: { type: 'none' } } });
    const second = await policies.patch(tenant, id, [
      { op: 'replace', path: '/attributeMerge/order', value: [own] },
      { op: 'replace', path: '/attributeMerge.type', value: 'dataSetPrecedence' },
      { op: 'replace', path: '/isActiveOnEdge', value: 'True' },
      { op: 'test', path: '/name', value: 'Loyalty first' },
      { op: 'add', path: '/name', value: 'Renamed' },
    ]);
    expect(second.body).toMatchObject({
      version: 3,
      name: 'Renamed',
      attributeMerge: { type: 'dataSetPrecedence', order: [own] },
      isActiveOnEdge: true,
    });
    const third = await policies.patch(tenant, id, {
      op: 'replace',
      path: '/attributeMerge/type',
      value: 'timestampOrdered',
    });
    expect(third.body).toMatchObject({ version: 4, attributeMerge: { type: 'timestampOrdered' } });
    expect(third.body.attributeMerge).not.toHaveProperty('order');
  });

  it('refuses a patch with every fault, and changes nothing', async () => {
    const tenant = policies.newTenant();
    const { id } = await policies.create(tenant);
    const several = await policies.patch<Problem>(tenant, id, [
      { op: 'replace', path: '/name', value: 7 },
      { op: 'replace', path: '/default', value: 'maybe' },
      { op: 'remove', path: '/name' },
      { op: 'replace', path: '/schema.name' },
    ]);
    expect(several.status).toBe(400);
    expect(several.body.errors?.map(({ path }) => path)).toEqual(['/0/value', '/1/value', '/2/op', '/3/value']);
    const bad: unknown[] = [
      { op: 'replace', path: '/version', value: 9 },
      { op: 'move', path: '/name', from: '/id' },
      { op: 'replace', path: '/attributeMerge.type', value: 'dataSetPrecedence' },
      { op: 'replace', path: '/attributeMerge.order', value: ['a'] },
      [],
      'text',
    ];
    for (const payload of bad) expect((await policies.patch(tenant, id, payload)).status).toBe(400);
    expect((await policies.patch(tenant, id, { op: 'test', path: '/name', value: 'Other' })).status).toBe(409);
    expect((await policies.get(tenant, `/${id}`)).body).toMatchObject({ version: 1, name: 'Loyalty first' });
  });

  it('replaces a policy whole and ignores what is not the user’s to set', async () => {
    const tenant = policies.newTenant();
    const created = await policies.create(tenant, { isActiveOnEdge: true });
    const replaced = await policies.get(tenant, `/${created.id}`, {
      method: 'PUT',
      body: {
        ...created,
        id: 'other',
        version: 99,
        updateEpoch: 1,
        imsOrgId: 'OTHER',
        name: 'Anew',
        isActiveOnEdge: undefined,
      },
    });
    expect(replaced.body).toMatchObject({ id: created.id, version: 2, name: 'Anew', isActiveOnEdge: false });
    expect(replaced.body).toMatchObject({ imsOrgId: tenant.organisation });
    expect((await policies.get(tenant, `/${created.id}`, { method: 'PUT', body: { name: 'x' } })).status).toBe(400);
    expect((await policies.get(tenant, '/unknown', { method: 'PUT', body: policyBody() })).status).toBe(404);
  });

  it('keeps older versions readable', async () => {
    const tenant = policies.newTenant();
    const { id } = await policies.create(tenant);
    await policies.patch(tenant, id, { op: 'replace', path: '/name', value: 'Second' });
    expect((await policies.get(tenant, `/${id}?version=1`)).body).toMatchObject({ version: 1, name: 'Loyalty first' });
    expect((await policies.get(tenant, `/${id}?version=2`)).body).toMatchObject({ version: 2, name: 'Second' });
    expect((await policies.get(tenant, `/${id}?version=3`)).status).toBe(404);
    expect((await policies.get(tenant, `/${id}?version=0`)).status).toBe(400);
  });

  it('moves the default and the edge from one policy to another, which counts as a change of both', async () => {
    const tenant = policies.newTenant();
    const born = (await policies.get<Page>(tenant)).body.children[0] as Policy;
    const one = await policies.create(tenant, { default: true, isActiveOnEdge: true });
    expect((await policies.get(tenant, `/${born.id}`)).body).toMatchObject({ default: false, version: 2 });
    const account = await policies.create(tenant, {
      schema: { name: '_xdm.context.account' },
      default: true,
      isActiveOnEdge: true,
    });
    expect((await policies.get(tenant, `/${one.id}`)).body).toMatchObject({
      default: true,
      isActiveOnEdge: false,
      version: 2,
    });
    expect(account).toMatchObject({ default: true, isActiveOnEdge: true });
  });

  it('deletes a policy unless it is the default or active on edge', async () => {
    const tenant = policies.newTenant();
    const born = (await policies.get<Page>(tenant)).body.children[0] as Policy;
    const onEdge = await policies.create(tenant, { isActiveOnEdge: true });
    const free = await policies.create(tenant);
    expect((await policies.remove(tenant, born.id)).status).toBe(409);
    expect((await policies.remove(tenant, onEdge.id)).status).toBe(409);
    expect(await policies.remove(tenant, free.id)).toMatchObject({ status: 200, text: '' });
    expect((await policies.remove(tenant, free.id)).status).toBe(404);
    expect((await policies.get(tenant, `/${free.id}`)).status).toBe(404);
    await policies.patch(tenant, born.id, { op: 'replace', path: '/default', value: 'false' });
    expect((await policies.remove(tenant, born.id)).status).toBe(200);
    expect((await policies.get<Page>(tenant)).body.children.map(({ id }) => id)).toEqual([onEdge.id]);
  });

  it('answers many ids, unknown ones with their problem', async () => {
    const tenant = policies.newTenant();
    const { id } = await policies.create(tenant);
    const ids = [{ id }, { id: '__proto__' }];
    const answer = await policies.post<{ results: Record<string, unknown> }>(tenant, { ids }, '/bulk-get');
    expect(answer.status).toBe(207);
    expect(Object.keys(answer.body.results).sort()).toEqual(['__proto__', id].sort());
    expect(answer.body.results[id]).toMatchObject({ id, name: 'Loyalty first' });
    expect(answer.text).toContain('"__proto__":{"type":"https://tessera.dev/errors/unknown-policy"');
    expect((await policies.post(tenant, { ids: [] }, '/bulk-get')).status).toBe(400);
  });

  it('keeps sandboxes apart', async () => {
    const { id } = await policies.create(policies.newTenant());
    const other = policies.newTenant();
    expect((await policies.get(other, `/${id}`)).status).toBe(404);
    expect((await policies.patch(other, id, { op: 'replace', path: '/name', value: 'x' })).status).toBe(404);
    expect((await policies.get(other, `/${id}`, { method: 'DELETE' })).status).toBe(404);
  });
});
