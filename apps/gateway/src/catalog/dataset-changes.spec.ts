import { DatasetStore } from '@tessera/stores';
import { jsonPatch, pathsOf, startCatalog, type TestCatalog } from './catalog.fixture.js';

let application: TestCatalog['application'];
let call: TestCatalog['call'];
let createDataset: TestCatalog['createDataset'];
let datasetOf: TestCatalog['datasetOf'];
beforeAll(async () => {
  ({ application, call, createDataset, datasetOf } = await startCatalog());
});
afterAll(() => application.close());

describe('changing a dataset', () => {
  it('merges fields, removes by null, and raises the version', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant, { description: 'Members', tags: { keep: ['1'], drop: ['2'] } });
    const patch = {
      description: null,
      tags: { drop: null, unifiedProfile: ['enabled:true'] },
      version: '9',
      created: 5,
    };
    const answer = await call<string[]>(tenant, `/${id}`, { method: 'PATCH', body: patch });
    expect(answer).toMatchObject({ status: 200, body: [`@/dataSets/${id}`] });
    const dataset = await datasetOf(tenant, id);
    expect(dataset).toMatchObject({
      name: 'Loyalty',
      tags: { keep: ['1'], unifiedProfile: ['enabled:true'] },
      version: '1.0.1',
    });
    expect(dataset).not.toHaveProperty('description');
    expect(dataset['tags']).not.toHaveProperty('drop');
    expect(Number(dataset['updated'])).toBeGreaterThanOrEqual(Number(dataset['created']));
    const stored = await new DatasetStore(application.database).find(tenant, id);
    expect(stored?.rules).toMatchObject({ profile: true });
  });

  it('applies a JSON Patch, whole or not at all', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const enable = { op: 'add', path: '/tags/unifiedProfile', value: ['enabled:true'] };
    const patched = (operations: unknown) =>
      call(tenant, `/${id}`, { method: 'PATCH', body: operations, headers: jsonPatch });
    expect(await patched([enable, { op: 'replace', path: '/name', value: 'Members' }])).toMatchObject({ status: 200 });
    expect(await datasetOf(tenant, id)).toMatchObject({ name: 'Members', tags: { unifiedProfile: ['enabled:true'] } });
    const failing = [
      { op: 'remove', path: '/tags/unifiedProfile' },
      { op: 'remove', path: '/tags/absent' },
    ];
    expect(await patched(failing)).toMatchObject({
      status: 400,
      body: { code: 'TSR-CAT-0400', errors: [{ path: '/1' }] },
    });
    expect(await patched(enable)).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    expect(await patched([{ op: 'add', path: '/version', value: '9' }])).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/version' }] },
    });
    expect(await datasetOf(tenant, id)).toMatchObject({ tags: { unifiedProfile: ['enabled:true'] }, version: '1.0.1' });
  });

  it('applies a JSON Patch to the dataset as it is shown, and refuses changes of what is not the client’s by name', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const patched = (...operations: object[]) =>
      call(tenant, `/${id}`, { method: 'PATCH', body: operations, headers: jsonPatch });
    const ofVersion = (version: string) => [
      { op: 'test', path: '/version', value: version },
      { op: 'replace', path: '/name', value: `After ${version}` },
    ];
    expect(await patched(...ofVersion('1.0.0'))).toMatchObject({ status: 200 });
    expect(await patched(...ofVersion('1.0.0'))).toMatchObject({
      status: 409,
      body: { code: 'TSR-CAT-1409', errors: [{ path: '/0' }] },
    });
    expect(await patched({ op: 'test', path: '/tags/unifiedProfile', value: [] })).toMatchObject({ status: 409 });
    expect(await patched({ op: 'test', path: '/tags/~2', value: [] })).toMatchObject({
      status: 400,
      body: { code: 'TSR-CAT-0400' },
    });
    const refused = await patched(
      { op: 'replace', path: '/created', value: 5 },
      { op: 'remove', path: '/classification/managedBy' },
      { op: 'remove', path: '/imsOrg' },
      { op: 'add', path: '/a~1b', value: 1 },
      { op: 'copy', from: '/version', path: '/version' },
    );
    expect(refused).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    expect(pathsOf(refused)).toEqual(['/a~1b', '/classification', '/created', '/imsOrg']);
    expect(await datasetOf(tenant, id)).toMatchObject({ name: 'After 1.0.0', version: '1.0.1' });
  });

  it('refuses a change that would make no valid dataset, or one of another schema', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const event = 'https://ns.adobe.com/xdm/context/experienceevent';
    const answers = await Promise.all(
      [{ name: null }, { tags: { a: 1 } }, { schemaRef: { id: event } }, 'text'].map((change) =>
        call(tenant, `/${id}`, { method: 'PATCH', body: change }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(answers.slice(0, 3).map(({ body: { errors } }) => (errors as { path: string }[])[0]?.path)).toEqual([
      '/name',
      '/tags/a',
      '/schemaRef/id',
    ]);
  });

  it('tells every fault of a change, also of settings beside those of another shape', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const tags = { unifiedProfile: ['enabled:maybe'], unifiedIdentity: 7, note: ['maybe'] };
    const faulty = { name: '', description: 5, tags, schemaRef: { id: 'zz' } };
    const paths = ['/description', '/name', '/schemaRef/id', '/tags/unifiedIdentity', '/tags/unifiedProfile/0'];
    expect(pathsOf(await call(tenant, `/${id}`, { method: 'PATCH', body: faulty }))).toEqual(
      expect.arrayContaining(paths),
    );
    const operations = [...Object.entries(faulty), ['version', '9']].map(([key, value]) => ({
      ...{ op: 'add', path: `/${String(key)}`, value },
    }));
    const refused = await call(tenant, `/${id}`, { method: 'PATCH', body: operations, headers: jsonPatch });
    expect([...new Set(pathsOf(refused))]).toEqual([...paths, '/version']);
  });

  it('loses none of many changes at one moment', async () => {
    const tenant = application.newTenant();
    const id = await createDataset(tenant);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(
      keys.map((key) => call(tenant, `/${id}`, { method: 'PATCH', body: { tags: { [key]: ['1'] } } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    expect(Object.keys((await datasetOf(tenant, id))['tags'] as object).sort()).toEqual(keys);
  });
});
