import type { Tenant } from '@tessera/contracts';
import {
  base,
  expressionOf,
  olderBase,
  startAttributeApplication,
  type AttributeApplication,
} from './computed-attributes.fixture.js';

let application: AttributeApplication;

beforeAll(async () => {
  application = await startAttributeApplication();
});
afterAll(() => application.close());

const birthday = {
  name: 'birthdayMonth',
  path: '_elsewhere/fields',
  description: 'Whether it is their month',
  expression: expressionOf('person.birthDate.getMonth() = currentMonth()'),
  schema: { name: '_xdm.context.profile' },
};

async function created(tenant: Tenant): Promise<string> {
  const answer = await application.call<{ id: string }>(tenant, olderBase, { method: 'POST', body: birthday });
  expect(answer.status).toBe(200);
  return answer.body.id;
}

describe('the older resource of computed attributes', () => {
  it('publishes what it creates, and shows it with the newer one', async () => {
    const tenant = application.newTenant();
    const id = await created(tenant);
    const { body } = await application.call(tenant, `${olderBase}/${id}`);
    const { name, description, expression, schema } = birthday;
    expect(body).toMatchObject({ id, name, description, expression, schema, path: '_tessera/ComputedAttributes' });
    expect((await application.call(tenant, `${base}/${id}`)).body).toMatchObject({
      id,
      status: 'NEW',
      returnSchema: { 'meta:xdmType': 'boolean' },
    });
    expect((await application.jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(1);
  });

  it('lists pages', async () => {
    const tenant = application.newTenant();
    const id = await created(tenant);
    await application.create(tenant);
    const list = await application.call(tenant, `${olderBase}?limit=1`);
    expect(list.body).toMatchObject({ _page: { totalCount: 2, pageSize: 1 }, children: [{ name: 'spent' }] });
    const last = await application.call(tenant, `${olderBase}?limit=1&start=1`);
    expect(last.body).toMatchObject({ children: [{ id }], _links: { next: {} } });
  });

  it('changes by a JSON patch, and has another expression evaluated anew', async () => {
    const tenant = application.newTenant();
    const id = await created(tenant);
    const patch = (body: object) => application.call(tenant, `${olderBase}/${id}`, { method: 'PATCH', body });
    expect(await patch([{ op: 'replace', path: '/description', value: 'Birthday' }])).toMatchObject({
      status: 204,
      text: '',
    });
    expect((await application.jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(1);
    await application.attributes.change(tenant, id, ['NEW'], { status: 'PROCESSED' });
    expect((await patch([{ op: 'add', path: '/expression', value: expressionOf('xEvent.count()') }])).status).toBe(204);
    expect((await application.jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(2);
    const { body } = await application.call(tenant, `${base}/${id}`);
    expect(body).toMatchObject({ description: 'Birthday', status: 'NEW', expression: expressionOf('xEvent.count()') });
    expect(await patch([{ op: 'replace', path: '/expression/value', value: '1 +' }])).toMatchObject({
      status: 400,
      body: { code: 'TSR-ATT-0400' },
    });
    expect((await patch([{ op: 'remove', path: '/name' }])).status).toBe(400);
    expect((await patch([{ op: 'remove', path: '/colour' }])).status).toBe(400);
    expect(await patch([{ op: 'test', path: '/name', value: 'another' }])).toMatchObject({
      status: 409,
      body: { code: 'TSR-ATT-2409', errors: [{ path: '/0' }] },
    });
    expect((await patch({ description: 'no list' })).status).toBe(400);
  });

  it('deletes an attribute whatever its state, with an empty answer', async () => {
    const tenant = application.newTenant();
    const id = await created(tenant);
    const remove = () => application.call(tenant, `${olderBase}/${id}`, { method: 'DELETE' });
    expect(await remove()).toMatchObject({ status: 200, text: '' });
    expect((await remove()).status).toBe(404);
  });
});
