import { Controller, Get, Module } from '@nestjs/common';
import { Requester, RequireScope } from '@tessera/http';
import { JobStore, SandboxStore } from '@tessera/stores';
import { startTestApplication, type Answer, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { SandboxDirectory } from './sandbox-directory.js';
import { SandboxesModule } from './sandboxes.module.js';

const path = '/data/foundation/sandbox-management/sandboxes';

interface ShownSandbox {
  readonly id: string;
  readonly name: string;
}
interface ShownPage {
  readonly sandboxes: readonly ShownSandbox[];
  readonly _page: Record<string, unknown>;
}

@Controller('where')
class WhereController {
  @Get()
  @RequireScope('profile.read')
  where(@Requester() { sandbox }: Requester) {
    return sandbox;
  }
}

@Module({ controllers: [WhereController] })
class WhereModule {}

let application: TestApplication;
let organisation: string;
beforeAll(async () => {
  let directory: SandboxDirectory;
  application = await startTestApplication(
    (database) => {
      const sandboxes = new SandboxStore(database);
      directory = new SandboxDirectory(sandboxes);
      return [SandboxesModule.with({ sandboxes, directory }), { module: WhereModule }];
    },
    () => ({ sandboxes: { find: (name, by) => directory.find(name, by) } }),
  );
  organisation = application.newTenant().organisation;
});
afterAll(() => application.close());

const call = <Body = Record<string, unknown>>(below = '', options?: Call): Promise<Answer<Body>> =>
  application.call<Body>({ organisation, sandbox: '' }, `${path}${below}`, options);
const create = (name: string, more: Record<string, unknown> = {}): Promise<Answer<ShownSandbox>> =>
  call(``, { method: 'POST', body: { name, title: `The ${name}`, type: 'development', ...more } });
const remove = (name: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(`/${name}`, { method: 'DELETE', headers });
/** Which sandbox a call with these headers works in. */
const where = (headers: Record<string, string>): Promise<Answer<ShownSandbox>> =>
  application.call({ organisation, sandbox: '' }, '/where', { headers });

const uuid = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
) as string;

describe('sandboxes', () => {
  it('are "prod" in a new organisation, which is there without a write', async () => {
    const prod = { name: 'prod', title: 'Production', type: 'production', isDefault: true, state: 'active' };
    const answer = await call<ShownPage>();
    expect(answer).toMatchObject({ status: 200, body: { _page: { limit: 100, count: 1, totalCount: 1 } } });
    expect(answer.body.sandboxes).toEqual([{ ...prod, region: expect.any(String) as string, id: uuid }]);
    const one = await call<ShownSandbox>('/prod');
    expect(one.body).toEqual(answer.body.sandboxes[0]);
    expect(await where({ 'x-sandbox-name': 'prod' })).toMatchObject({
      status: 200,
      body: { name: 'prod', id: one.body.id },
    });
    const byId = { 'x-sandbox-id': one.body.id, 'x-sandbox-name': 'prod' };
    expect((await where(byId)).status).toBe(200);
    expect(await application.database.collection('sandboxes').countDocuments()).toBe(0);
  });

  it('work as soon as they are created', async () => {
    expect((await where({ 'x-sandbox-name': 'staging' })).status).toBe(404);
    const created = await create('staging');
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      name: 'staging',
      title: 'The staging',
      type: 'development',
      isDefault: false,
      state: 'active',
      region: expect.any(String) as string,
      id: uuid,
    });
    expect(await where({ 'x-sandbox-name': 'staging' })).toMatchObject({ status: 200, body: { id: created.body.id } });
    expect((await call('/staging')).body).toEqual(created.body);
  });

  /** The default sandbox keeps the jobs that delete others. */
  const deletionsOf = async (name: string) => {
    const jobs = new JobStore(application.database);
    const { children } = await jobs.list({ organisation, sandbox: 'prod' }, {}, { start: 0, limit: 99 });
    return children.filter(({ properties }) => properties['sandboxName'] === name);
  };

  it('are gone as soon as they are deleted, and hold their name until their data is gone', async () => {
    const { body: created } = await create('old');
    expect((await where({ 'x-sandbox-name': 'old' })).status).toBe(200);
    const before = Date.now();
    const deleted = await remove('old', { 'x-request-id': 'r-old' });
    expect(deleted).toMatchObject({ status: 200, body: { name: 'old', id: created.id, state: 'deleted' } });
    expect((await where({ 'x-sandbox-name': 'old' })).status).toBe(404);
    expect((await call('/old')).status).toBe(404);
    expect((await remove('old')).status).toBe(404);
    expect((await call<ShownPage>()).body.sandboxes.map(({ name }) => name)).not.toContain('old');
    expect(await create('old')).toMatchObject({ status: 409, body: { code: 'TSR-SBX-0409' } });
    const [job] = await deletionsOf('old');
    expect(job).toMatchObject({
      tenant: { organisation, sandbox: 'prod' },
      type: 'DELETE_SANDBOX',
      properties: { sandboxName: 'old', sandboxId: created.id },
      requestedBy: 'test-client',
      requestId: 'r-old',
    });
    expect(job?.createdAt).toBeGreaterThanOrEqual(before);
  });

  it('are deleted once, however many ask', async () => {
    await create('contested');
    const answers = await Promise.all(Array.from({ length: 5 }, () => remove('contested')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect(await deletionsOf('contested')).toHaveLength(1);
  });

  it('have names of their own, also against the default one', async () => {
    const answers = await Promise.all(Array.from({ length: 3 }, () => create('twin')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await create('prod')).toMatchObject({ status: 409, body: { code: 'TSR-SBX-0409' } });
  });

  it('keep the default one', async () => {
    expect(await remove('prod')).toMatchObject({ status: 409, body: { code: 'TSR-SBX-1409' } });
    expect((await call('/prod')).status).toBe(200);
  });

  it.each(['', 'Upper', 'a b', 'a_b', 'a/b', 'ä', 'x'.repeat(129)])('refuse the name %j', async (name) => {
    expect(await create(name)).toMatchObject({ status: 400, body: { errors: [{ path: '/name' }] } });
  });

  it('tell every fault of a body', async () => {
    const answer = await call('', { method: 'POST', body: { name: 'A', type: 'other' } });
    expect(answer.status).toBe(400);
    const paths = (answer.body['errors'] as { path: string }[]).map((fault) => fault.path).sort();
    expect(paths).toEqual(['/name', '/title', '/type']);
  });

  it('are listed in parts, the default one first, then by name', async () => {
    for (const name of ['page-b', 'page-a']) await create(name);
    const names = async (query: string): Promise<string[]> =>
      (await call<ShownPage>(query)).body.sandboxes.map(({ name }) => name);
    const all = await names('');
    expect(all[0]).toBe('prod');
    expect(all.slice(1)).toEqual(all.slice(1).sort());
    expect(all).toEqual(expect.arrayContaining(['page-a', 'page-b']));
    const parts: string[] = [];
    for (let offset = 0; offset < all.length; offset += 1) parts.push(...(await names(`?limit=1&offset=${offset}`)));
    expect(parts).toEqual(all);
    expect(await names('?limit=2&offset=1')).toEqual(all.slice(1, 3));
    for (const query of ['?limit=0', '?limit=1001', '?offset=-1']) expect((await call(query)).status).toBe(400);
  });

  it('ask for the scope of each operation', async () => {
    await create('scoped');
    const status = async (below: string, options: Call): Promise<number> => (await call(below, options)).status;
    const body = { name: 'more', title: 'More', type: 'development' };
    expect(await status('', { scopes: ['profile.admin'] })).toBe(403);
    expect(await status('', { method: 'POST', body, scopes: ['profile.read', 'profile.write'] })).toBe(403);
    expect(await status('/scoped', { method: 'DELETE', scopes: ['profile.read', 'profile.write'] })).toBe(403);
  });
});
