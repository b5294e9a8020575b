import type { JsonObject, Tenant } from '@tessera/contracts';
import type { ComputedAttributeStatus } from '@tessera/stores';
import {
  attributeBody,
  base,
  expressionOf,
  startAttributeApplication,
  type AttributeApplication,
} from './computed-attributes.fixture.js';

interface Page {
  readonly computedAttributes: readonly { readonly name: string; readonly id: string }[];
  readonly _page: JsonObject;
  readonly _links: Readonly<Record<string, { readonly href: string }>>;
}

let application: AttributeApplication;

beforeAll(async () => {
  application = await startAttributeApplication();
});
afterAll(() => application.close());

const post = (tenant: Tenant, body: object) => application.call(tenant, base, { method: 'POST', body });
const patch = (tenant: Tenant, id: string, body: object) =>
  application.call(tenant, `${base}/${id}`, { method: 'PATCH', body });
const names = async (tenant: Tenant, query: string) =>
  (await application.call<Page>(tenant, `${base}?${query}`)).body.computedAttributes.map(({ name }) => name);

async function inState(tenant: Tenant, status: ComputedAttributeStatus, name = 'spent'): Promise<string> {
  const id = await application.create(tenant, { name });
  await application.attributes.change(tenant, id, ['DRAFT'], { status, updatedAt: Date.now() });
  return id;
}

describe('a computed attribute', () => {
  it('is created as a draft with what its expression is inferred to be', async () => {
    const tenant = application.newTenant();
    const created = await post(tenant, attributeBody({ displayName: 'Spent', description: 'In a week' }));
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      type: 'ComputedAttribute',
      name: 'spent',
      displayName: 'Spent',
      description: 'In a week',
      status: 'DRAFT',
      imsOrgId: tenant.organisation,
      sandbox: { sandboxName: tenant.sandbox },
      path: '_tessera/ComputedAttributes',
      positionPath: ['_tessera', 'ComputedAttributes'],
      mergeFunction: { value: 'SUM' },
      returnSchema: { 'meta:xdmType': 'double' },
      schema: { name: '_xdm.context.profile' },
      duration: { count: 7, unit: 'DAYS' },
      keepCurrent: false,
      lastEvaluationTs: '',
      createdBy: 'test-client',
    });
    const id = created.body['id'] as string;
    expect((await application.call(tenant, `${base}/${id}`)).body).toEqual(created.body);
    expect(await application.call(application.newTenant(), `${base}/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'TSR-ATT-0404' },
    });
  });

  it.each([
    ['xEvent.count()', 'COUNT', 'integer'],
    ['xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": page}).head()', 'MOST_RECENT', 'object'],
    ['xEvent.topN(timestamp, 5).map(page)', 'LIST', 'array'],
    ['xEvent.timestamp.min()', 'MIN', 'date-time'],
    ['xEvent.total.max()', 'MAX', 'double'],
    ['exists e from xEvent where e.total > 5', 'BOOLEAN', 'boolean'],
  ])('that is %s merges as %s and gives %s', async (expression, merge, type) => {
    const { body } = await post(application.newTenant(), attributeBody({ expression: expressionOf(expression) }));
    expect(body).toMatchObject({ mergeFunction: { value: merge }, returnSchema: { 'meta:xdmType': type } });
  });

  it('with a fault in its expression is refused with the place of each and what was expected', async () => {
    const answer = await post(
      application.newTenant(),
      attributeBody({ expression: expressionOf('xEvent.total.\n sum(') }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: 'TSR-ATT-0400',
      errors: [
        { path: '/expression/value', message: expect.stringMatching(/^line 2, column 6: .*expected/) as string },
      ],
    });
    const two = await post(
      application.newTenant(),
      attributeBody({ expression: expressionOf('sums(1) + nothing(2)') }),
    );
    expect(two.body['errors']).toHaveLength(2);
  });

  it.each([
    [{ name: 'with-hyphen' }, '/name'],
    [{ duration: { count: 25, unit: 'HOURS' } }, '/duration'],
    [{ duration: { count: 8, unit: 'DAYS' } }, '/duration'],
    [{ duration: { count: 0, unit: 'WEEKS' } }, '/duration/count'],
    [{ duration: { count: 1, unit: 'YEARS' } }, '/duration'],
    [{ status: 'PROCESSED' }, '/status'],
    [{ expression: { type: 'SQL', format: 'pql/text', value: '1' } }, '/expression/type'],
  ])('with %j is refused at %s', async (overrides, path) => {
    const { status, body } = await post(application.newTenant(), attributeBody(overrides));
    expect(status).toBe(400);
    expect(JSON.stringify(body['errors'])).toContain(path);
  });

  it.each([
    [{ count: 25, unit: 'HOURS' }, [{ path: '/duration/count', message: 'must be <= 24' }]],
    [{ count: 8, unit: 'DAYS' }, [{ path: '/duration/count', message: 'must be <= 7' }]],
    [{ count: 99, unit: 'MONTHS' }, [{ path: '/duration/count', message: 'must be <= 6' }]],
    [{ count: 7 }, [{ path: '/duration/unit', message: 'is required' }]],
    [
      { count: 99, unit: 'YEARS' },
      [{ path: '/duration/unit', message: 'must be one of "HOURS", "DAYS", "WEEKS", "MONTHS"' }],
    ],
  ])('that looks back %j is told what is wrong with that, and nothing about other units', async (duration, errors) => {
    const { status, body } = await post(application.newTenant(), attributeBody({ duration }));
    expect({ status, errors: body['errors'] }).toEqual({ status: 400, errors });
  });

  it('has a name that is unique in its sandbox', async () => {
    const tenant = application.newTenant();
    await application.create(tenant);
    expect(await post(tenant, attributeBody())).toMatchObject({ status: 409, body: { code: 'TSR-ATT-0409' } });
    const other = await application.create(tenant, { name: 'other' });
    expect(await patch(tenant, other, { name: 'spent' })).toMatchObject({ status: 409 });
    expect((await post(application.newTenant(), attributeBody())).status).toBe(200);
  });

  it('is evaluated by one job once it is published, however often that is asked for', async () => {
    const tenant = application.newTenant();
    const id = await application.create(tenant);
    expect((await application.jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(0);
    for (let time = 0; time < 2; time += 1) {
      expect(await patch(tenant, id, { status: 'NEW' })).toMatchObject({ status: 200, body: { status: 'NEW' } });
    }
    const { children } = await application.jobs.list(tenant, {}, { start: 0, limit: 9 });
    expect(children).toMatchObject([{ type: 'EVALUATE_COMPUTED_ATTRIBUTE', properties: { attributeId: id } }]);
  });

  it('changes in everything while it is a draft', async () => {
    const tenant = application.newTenant();
    const id = await application.create(tenant);
    const change = {
      name: 'visits',
      displayName: 'Visits',
      description: 'How often',
      expression: expressionOf('xEvent.count()'),
      duration: { count: 2, unit: 'WEEKS' },
      keepCurrent: true,
    };
    const changed = await patch(tenant, id, change);
    expect(changed).toMatchObject({ status: 200, body: { ...change, mergeFunction: { value: 'COUNT' } } });
    expect(await patch(tenant, id, { expression: expressionOf('(') })).toMatchObject({ status: 400 });
  });

  it.each([
    ['NEW', { displayName: 'x' }, 200],
    ['NEW', { description: 'x' }, 200],
    ['NEW', { status: 'DISABLED' }, 200],
    ['NEW', { name: 'x' }, 422],
    ['NEW', { expression: expressionOf('1') }, 422],
    ['NEW', { status: 'DRAFT' }, 422],
    ['PROCESSING', { status: 'DISABLED' }, 200],
    ['PROCESSING', { displayName: 'x' }, 422],
    ['PROCESSED', { status: 'DISABLED' }, 200],
    ['PROCESSED', { description: 'x' }, 422],
    ['PROCESSED', { status: 'NEW' }, 422],
    ['FAILED', { status: 'NEW' }, 422],
    ['DISABLED', { status: 'NEW' }, 422],
  ] as const)('that is %s answers a change to %j with %i', async (status, change, expected) => {
    const tenant = application.newTenant();
    const id = await inState(tenant, status);
    expect(await patch(tenant, id, change)).toMatchObject({ status: expected });
    const after = await application.attributes.find(tenant, id);
    if (expected === 200) expect(after).toMatchObject(change);
    else expect(after?.status).toBe(status);
  });

  it('can be deleted while it is a draft only', async () => {
    const tenant = application.newTenant();
    const id = await application.create(tenant);
    const remove = (which: string) => application.call(tenant, `${base}/${which}`, { method: 'DELETE' });
    expect(await remove(id)).toMatchObject({ status: 202, body: { id } });
    expect((await remove(id)).status).toBe(404);
    for (const status of ['NEW', 'PROCESSING', 'PROCESSED', 'FAILED', 'DISABLED'] as const) {
      expect(await remove(await inState(tenant, status, `name${status}`))).toMatchObject({ status: 422 });
    }
  });

  it('is one of at most a hundred active ones', async () => {
    const tenant = application.newTenant();
    for (let index = 0; index < 100; index += 1) await inState(tenant, 'PROCESSED', `name${index}`);
    const draft = await application.create(tenant);
    expect(await patch(tenant, draft, { status: 'NEW' })).toMatchObject({
      status: 409,
      body: { code: 'TSR-ATT-1409' },
    });
    expect((await post(tenant, attributeBody({ name: 'more', status: 'NEW' }))).status).toBe(409);
    const [{ id = '' } = {}] = (await application.call<Page>(tenant, `${base}?property=name=name7`)).body
      .computedAttributes;
    await patch(tenant, id, { status: 'DISABLED' });
    expect((await patch(tenant, draft, { status: 'NEW' })).status).toBe(200);
  });

  it('needs the scope to write, and to read', async () => {
    const tenant = application.newTenant();
    const body = attributeBody();
    expect((await application.call(tenant, base, { method: 'POST', body, scopes: ['profile.read'] })).status).toBe(403);
    expect((await application.call(tenant, base, { scopes: ['ingest'] })).status).toBe(403);
  });
});

describe('the list of computed attributes', () => {
  async function filled(): Promise<Tenant> {
    const tenant = application.newTenant();
    for (const [name, status] of [
      ['alpha', 'DRAFT'],
      ['beta', 'NEW'],
      ['gamma', 'PROCESSING'],
      ['delta', 'PROCESSED'],
    ] as const) {
      await inState(tenant, status, name);
    }
    return tenant;
  }

  it('is of pages, the last changed first, with links to the others', async () => {
    const tenant = await filled();
    const { body } = await application.call<Page>(tenant, `${base}?limit=3`);
    expect(body.computedAttributes.map(({ name }) => name)).toEqual(['delta', 'gamma', 'beta']);
    expect(body._page).toEqual({ offset: 0, limit: 3, count: 3, totalCount: 4 });
    expect(Object.keys(body._links).toSorted()).toEqual(['last', 'next', 'self']);
    const next = await application.call<Page>(tenant, body._links['next']?.href ?? '');
    expect(next.body.computedAttributes.map(({ name }) => name)).toEqual(['alpha']);
    expect(Object.keys(next.body._links).toSorted()).toEqual(['last', 'prev', 'self']);
    expect((await application.call(tenant, `${base}?limit=41`)).status).toBe(400);
  });

  it.each([
    ['sortBy=name', ['alpha', 'beta', 'delta', 'gamma']],
    ['sortBy=-name', ['gamma', 'delta', 'beta', 'alpha']],
    ['status=new&sortBy=name', ['beta']],
    ['property=status=contains(new,processing)&sortBy=name', ['beta', 'gamma']],
    ['property=name!=beta&property=status!=draft&sortBy=name', ['delta', 'gamma']],
    ['property=name=contains(alpha,delta)&sortBy=name', ['alpha', 'delta']],
    ['status=Draft, PROCESSED&sortBy=name', ['alpha', 'delta']],
    ['property=status="new"', ['beta']],
    ['property=updateEpoch>=1&property=createEpoch<1', []],
  ])('asked with %s has %j', async (query, expected) => {
    expect(await names(await filled(), query)).toEqual(expected);
  });

  it.each([
    ['status=X', '/status'],
    ['status=new,nope', '/status'],
    ['property=name=alpha&property=status=contains(nope)', '/property/1'],
    ['property=status!=nope', '/property/0'],
  ])('refuses a state that there is not: %s', async (query, path) => {
    const { status, body } = await application.call(application.newTenant(), `${base}?${query}`);
    const fault = { path, message: expect.stringContaining('DRAFT, NEW') as string };
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'TSR-GEN-4400', errors: [fault] } });
  });

  it.each(['property=colour=red', 'property=updateEpoch>soon', 'sortBy=colour', 'property=name'])(
    'refuses %s',
    async (query) => {
      expect((await application.call(application.newTenant(), `${base}?${query}`)).status).toBe(400);
    },
  );
});
