import type { Tenant } from '@tessera/contracts';
import { builtInNamespaces } from '@tessera/domain';
import { NamespaceStore } from '@tessera/stores';
import { startTestApplication, type Answer, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { NamespacesModule } from './namespaces.module.js';

const path = '/data/core/idnamespace/identities';

interface ShownNamespace {
  readonly id: number;
  readonly code: string;
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication((database) => [
    NamespacesModule.with({ namespaces: new NamespaceStore(database) }),
  ]);
});
afterAll(() => application.close());

const call = <Body = Record<string, unknown>>(tenant: Tenant, below = '', options?: Call): Promise<Answer<Body>> =>
  application.call<Body>(tenant, `${path}${below}`, options);
const post = (tenant: Tenant, body: unknown): Promise<Answer<ShownNamespace & Record<string, unknown>>> =>
  call(tenant, '', { method: 'POST', body });
const put = (tenant: Tenant, id: number, body: unknown): Promise<Answer> =>
  call(tenant, `/${id}`, { method: 'PUT', body });

const loyalty = { name: 'Loyalty member', code: 'Loyalty', idType: 'CROSS_DEVICE', description: 'On the card' };

describe('identity namespaces', () => {
  it('are the built-in ones in a new sandbox', async () => {
    const answer = await call<ShownNamespace[]>(application.newTenant());
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(builtInNamespaces.length);
    expect(answer.body).toContainEqual({
      id: 6,
      code: 'Email',
      name: 'Email',
      description: expect.any(String) as string,
      idType: 'EMAIL',
      status: 'ACTIVE',
      custom: false,
      createTime: expect.any(Number) as number,
      updateTime: expect.any(Number) as number,
    });
    const ids = Object.fromEntries(answer.body.map(({ code, id }) => [code, id]));
    expect(ids).toMatchObject({
      CORE: 0,
      ECID: 4,
      Email: 6,
      Phone: 7,
      WAID: 8,
      TNTID: 9,
      AAID: 10,
      Email_LC_SHA256: 11,
    });
    expect(ids).toMatchObject({ GAID: 20914, IDFA: 20915, AdCloud: 411, Phone_SHA256: expect.any(Number) as number });
    expect(ids).toHaveProperty(['Phone_E.164']);
  });

  it('show an added one as it was added', async () => {
    const tenant = application.newTenant();
    const created = await post(tenant, loyalty);
    expect(created.status).toBe(200);
    expect(created.body).toEqual({
      ...loyalty,
      id: expect.any(Number) as number,
      status: 'ACTIVE',
      custom: true,
      createTime: expect.any(Number) as number,
      updateTime: created.body['createTime'],
    });
    expect((await call(tenant, `/${created.body.id}`)).body).toEqual(created.body);
    expect((await call<ShownNamespace[]>(tenant)).body.at(-1)).toEqual(created.body);
    expect((await call(application.newTenant(), `/${created.body.id}`)).status).toBe(404);
  });

  it('take kinds as published examples spell them, and show them one way', async () => {
    expect(await post(application.newTenant(), { ...loyalty, idType: 'Cross_device' })).toMatchObject({
      status: 200,
      body: { idType: 'CROSS_DEVICE' },
    });
  });

  it('have codes that are unique without regard to case, also of built-in ones', async () => {
    const tenant = application.newTenant();
    const answers = await Promise.all(
      ['Loyalty', 'LOYALTY', 'loyalty'].map((code) => post(tenant, { ...loyalty, code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const taken = { status: 409, body: { code: 'TSR-NSP-0409' } };
    expect(await post(tenant, { ...loyalty, code: 'lOYALTY' })).toMatchObject(taken);
    expect(await post(tenant, { ...loyalty, code: 'email' })).toMatchObject(taken);
  });

  it('get ids of their own when many are added at one moment', async () => {
    const tenant = application.newTenant();
    const codes = ['a', 'b', 'c', 'd', 'e', '__proto__'];
    const answers = await Promise.all(codes.map((code) => post(tenant, { ...loyalty, code })));
    expect(answers.map(({ status }) => status)).toEqual(codes.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(codes.length);
  });

  it.each(['', 'a b', 'a.b', 'é', 'a/b', 'x'.repeat(129)])('refuse the code %j', async (code) => {
    expect(await post(application.newTenant(), { ...loyalty, code })).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/code' }] },
    });
  });

  it('tell every fault of a body', async () => {
    const answer = await post(application.newTenant(), { code: 7, idType: 'PET', description: 1 });
    expect(answer.status).toBe(400);
    const paths = (answer.body['errors'] as { path: string }[]).map((fault) => fault.path).sort();
    expect(paths).toEqual(['/code', '/description', '/idType', '/name']);
  });

  it('change their name and description, and nothing else', async () => {
    const tenant = application.newTenant();
    const { body: created } = await post(tenant, loyalty);
    const changed = await put(tenant, created.id, {
      name: 'Members',
      code: 'loyalty',
      idType: 'CROSS_DEVICE',
      description: '',
    });
    expect(changed).toMatchObject({ status: 200, body: { ...loyalty, name: 'Members', description: '' } });
    expect(await put(tenant, created.id, { name: 'Again' })).toMatchObject({
      status: 200,
      body: { name: 'Again', description: '' },
    });
    const refused = await put(tenant, created.id, { name: 'No', code: 'Other', idType: 'COOKIE' });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: '/code' }, { path: '/idType' }] } });
    expect((await call(tenant, `/${created.id}`)).body).toMatchObject({
      name: 'Again',
      code: 'Loyalty',
      idType: 'CROSS_DEVICE',
    });
    expect((await put(application.newTenant(), created.id, { name: 'Mine' })).status).toBe(404);
  });

  it('cannot be changed where they are built in', async () => {
    expect(await put(application.newTenant(), 6, { name: 'Mail' })).toMatchObject({
      status: 400,
      body: { code: 'TSR-NSP-0400' },
    });
  });

  it.each(['1', '06', 'Email', '1e3', '-1'])('know no id %j', async (id) => {
    expect(await call(application.newTenant(), `/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'TSR-NSP-0404' },
    });
  });

  it('can be listed in parts', async () => {
    const tenant = application.newTenant();
    const all = (await call<ShownNamespace[]>(tenant)).body;
    expect((await call<ShownNamespace[]>(tenant, '?start=2&limit=3')).body).toEqual(all.slice(2, 5));
    for (const query of ['?limit=0', '?limit=1001', '?start=-1']) expect((await call(tenant, query)).status).toBe(400);
  });

  it('ask for the scope of each operation', async () => {
    const tenant = application.newTenant();
    const { body: created } = await post(tenant, loyalty);
    const status = async (below: string, options: Call): Promise<number> => (await call(tenant, below, options)).status;
    expect(await status('', { scopes: ['profile.write'] })).toBe(403);
    expect(await status('', { method: 'POST', body: loyalty, scopes: ['profile.read'] })).toBe(403);
    expect(await status(`/${created.id}`, { method: 'PUT', body: loyalty, scopes: ['profile.read'] })).toBe(403);
  });
});
