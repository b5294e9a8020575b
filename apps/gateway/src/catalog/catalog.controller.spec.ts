import { DatasetStore, JobStore } from '@tessera/stores';
import type { Call } from '../fixtures/application.fixture.js';
import {
  datasetBody as body,
  jsonPatch,
  pathsOf,
  startCatalog,
  type DatasetsById,
  type TestCatalog,
} from './catalog.fixture.js';

let application: TestCatalog['application'];
let call: TestCatalog['call'];
let createDataset: TestCatalog['createDataset'];
let datasetOf: TestCatalog['datasetOf'];
beforeAll(async () => {
  ({ application, call, createDataset, datasetOf } = await startCatalog());
});
afterAll(() => application.close());

describe('catalogue', () => {
  it('shows a dataset as it was created, keyed by its id', async () => {
    const tenant = application.newTenant();
    const tags = { unifiedProfile: ['enabled:true', 'isUpsert: true'], note: ['a: b'] };
    const given = { description: 'Members', tags, fileDescription: { format: 'json', charset: 'UTF-8' } };
    const id = await createDataset(tenant, given);
    const dataset = await datasetOf(tenant, id);
    expect(dataset).toEqual({
      ...body(given),
      classification: { dataBehavior: 'record', managedBy: 'CUSTOMER' },
      created: expect.any(Number) as number,
      updated: dataset['created'],
      version: '1.0.0',
      createdUser: 'test-client',
      imsOrg: tenant.organisation,
      sandboxId: `id-of-${tenant.sandbox}`,
    });
  });

  it.each([
    ['profile', 'record'],
    ['experienceevent', 'time-series'],
    ['account', 'record'],
    ['opportunity', 'record'],
  ])('takes datasets of the built-in schema %s, whose behaviour is %s', async (schema, dataBehavior) => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant, { schemaRef: { id: `https://ns.adobe.com/xdm/context/${schema}` } });
    expect((await datasetOf(tenant, id))['classification']).toMatchObject({ dataBehavior });
  });

  it('tells workers what the tags mean', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant, {
      tags: { unifiedProfile: ['enabled: true'], unifiedIdentity: ['enabled:true'] },
    });
    const reader = new DatasetStore(application.database);
    expect((await reader.findMany([id])).get(id)?.rules).toEqual({
      behavior: 'record',
      profile: true,
      identity: true,
      upsert: false,
    });
  });

  it('tells every fault of a body', async () => {
    const faulty = {
      name: ' ',
      schemaRef: {},
      tags: { unifiedProfile: 'enabled:true', unifiedIdentity: ['enabled:true', 'enable:true'] },
      fileDescription: { format: 'xml' },
    };
    const answer = await call(application.newTenant(), '', { method: 'POST', body: faulty });
    expect(answer).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    expect(pathsOf(answer)).toEqual([
      '/fileDescription/format',
      '/name',
      '/schemaRef/id',
      '/tags/unifiedIdentity/1',
      '/tags/unifiedProfile',
    ]);
  });

  it('refuses a schema the sandbox does not have', async () => {
    const answer = await call(application.newTenant(), '', {
      method: 'POST',
      body: body({ schemaRef: { id: 'https://x' } }),
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: '/schemaRef/id' }] } });
  });

  it('refuses tags that it would not understand, at creation and at every kind of change', async () => {
    const tenant = application.newTenant();
    const fault = { path: '/tags/unifiedProfile/0', message: expect.stringContaining('enabled:true') as string };
    const refused = { status: 400, body: { code: 'TSR-GEN-3400', errors: [fault] } };
    const tags = { unifiedProfile: ['enable:true'] };
    expect(await call(tenant, '', { method: 'POST', body: body({ tags }) })).toMatchObject(refused);
    const id = await createDataset(tenant, { tags: { unifiedProfile: ['enabled:true'], note: ['enable:true'] } });
    const merge = { tags: { unifiedProfile: ['enabled:perhaps'] } };
    expect(await call(tenant, `/${id}`, { method: 'PATCH', body: merge })).toMatchObject(refused);
    const operations = [{ op: 'replace', path: '/tags/unifiedProfile/0', value: 'enabled:perhaps' }];
    const patch: Call = { method: 'PATCH', body: operations, headers: jsonPatch };
    expect(await call(tenant, `/${id}`, patch)).toMatchObject(refused);
    expect(await datasetOf(tenant, id)).toMatchObject({ tags: { unifiedProfile: ['enabled:true'] }, version: '1.0.0' });
  });

  it('refuses a second dataset of one name, at creation and at renaming', async () => {
    const tenant = application.newTenant();
    await createDataset(tenant);
    const other = await createDataset(tenant, { name: 'Other' });
    const taken = { status: 409, body: { code: 'TSR-CAT-0409' } };
    expect(await call(tenant, '', { method: 'POST', body: body() })).toMatchObject(taken);
    expect(await call(tenant, `/${other}`, { method: 'PATCH', body: { name: 'Loyalty' } })).toMatchObject(taken);
    await createDataset(application.newTenant());
  });

  it('keeps sandboxes apart', async () => {
    const [tenant, other] = [application.newTenant(), application.newTenant()];
    const id = await createDataset(tenant);
    const unknown = { status: 404, body: { code: 'TSR-CAT-0404' } };
    expect(await call(other, `/${id}`)).toMatchObject(unknown);
    expect(await call(other, `/${id}`, { method: 'PATCH', body: { name: 'Mine' } })).toMatchObject(unknown);
    expect(await call(other, `/${id}`, { method: 'DELETE' })).toMatchObject(unknown);
    expect((await call(other)).body).toEqual({});
  });

  it('lists datasets oldest first, by name and page by page, and ignores filters it does not know', async () => {
    const tenant = application.newTenant();
    const ids = [];
    for (const name of ['A', 'B', 'C']) ids.push(await createDataset(tenant, { name }));
    const listed = async (query: string): Promise<string[]> => {
      const answer = await call<DatasetsById>(tenant, query);
      expect(answer.status).toBe(200);
      return Object.keys(answer.body);
    };
    const all = await listed('');
    expect(new Set(all)).toEqual(new Set(ids));
    expect(await listed('?name=B&unknown=x')).toEqual([ids[1]]);
    expect(await listed('?name=b')).toEqual([]);
    expect([...(await listed('?limit=2')), ...(await listed('?limit=2&start=2'))]).toEqual(all);
    for (const query of ['?limit=0', '?limit=1001', '?start=-1']) expect((await call(tenant, query)).status).toBe(400);
  });

  it('deletes a dataset, has its data deleted by a job, and frees its name', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const before = Date.now();
    const headers = { 'x-request-id': 'r-delete' };
    expect(await call(tenant, `/${id}`, { method: 'DELETE', headers })).toMatchObject({ status: 200 });
    expect((await call(tenant, `/${id}`)).status).toBe(404);
    expect((await call(tenant, `/${id}`, { method: 'DELETE' })).status).toBe(404);
    const jobs = await new JobStore(application.database).list(tenant, {}, { start: 0, limit: 9 });
    expect(jobs.children).toEqual([
      expect.objectContaining({
        type: 'TRUNCATE_DATASET',
        status: 'NEW',
        properties: { datasetId: id, isRemoved: true, at: expect.any(Number) as number },
        requestedBy: 'test-client',
        requestId: 'r-delete',
      }),
    ]);
    expect(jobs.children[0]?.createdAt).toBeGreaterThanOrEqual(before);
    await createDataset(tenant);
  });

  it('asks for the scope of each operation', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const status = async (below: string, options: Call) => (await call(tenant, below, options)).status;
    expect(await status('', { scopes: ['profile.write'] })).toBe(403);
    expect(await status('', { method: 'POST', body: body(), scopes: ['profile.read'] })).toBe(403);
    expect(await status(`/${id}`, { method: 'PATCH', body: {}, scopes: ['profile.read'] })).toBe(403);
    expect(await status(`/${id}`, { method: 'DELETE', scopes: ['profile.write', 'profile.read'] })).toBe(403);
    expect(await status(`/${id}`, { method: 'DELETE', scopes: ['profile.admin'] })).toBe(200);
  });

  it('keeps keys that mean something to the language or the store as plain data', async () => {
    const tenant = application.newTenant();
    const tags = JSON.parse('{"__proto__":["a"],"constructor":["b"],"$where":["c"],"a.b":["d"]}') as object;
    const id = await createDataset(tenant, { tags });
    expect(await call(tenant, `/${id}`, { method: 'PATCH', body: { tags: { more: ['e'] } } })).toMatchObject({
      status: 200,
    });
    const { text } = await call(tenant, `/${id}`);
    expect(text).toContain('{"__proto__":["a"],"constructor":["b"],"$where":["c"],"a.b":["d"],"more":["e"]}');
  });
});
