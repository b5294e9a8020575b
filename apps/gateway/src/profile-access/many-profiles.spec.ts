import type { Tenant } from '@tessera/contracts';
import { identityOf, profile, startAccessApplication, type AccessApplication } from './profile-access.fixture.js';

let access: AccessApplication;
beforeAll(async () => {
  access = await startAccessApplication(3);
});
afterAll(() => access.close());

interface Failed {
  readonly error: { readonly status: number; readonly code: string; readonly errors?: readonly { path: string }[] };
}

const schema = { name: profile };
const email = (entityId: string): object => ({ entityId, entityIdNS: { code: 'Email' } });

describe('many profiles in one call', () => {
  let tenant: Tenant;
  const xidOfEmail = (id: string): string => identityOf(tenant, `email:${id}`).xid;
  beforeAll(async () => {
    tenant = access.newTenant();
    const names = Array.from({ length: 60 }, (_, index) => `person-${index}`);
    await access.records(
      tenant,
      names.map((name) => ({ of: `email:${name}`, body: { name, plan: { tier: 'gold', since: 2020 } } })),
    );
    await access.link(tenant, 'email:person-0', 'crm:0');
    await access.records(tenant, [{ of: 'crm:0', datasetId: 'crm', age: 1_800_000_000_000, body: { name: 'Zero' } }]);
    await access.link(tenant, 'email:many', 'ecid:1', 'ecid:2', 'ecid:3');
  });

  it('come in the order asked for, each as a lookup of its own answers', async () => {
    const wanted = Array.from({ length: 60 }, (_, index) => `person-${(index * 37) % 60}`);
    const answer = await access.post(tenant, { schema, fields: ['name', 'plan.tier'], identities: wanted.map(email) });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(wanted.map(xidOfEmail));
    for (const id of ['person-0', 'person-7']) {
      const query = { 'schema.name': profile, entityId: id, entityIdNS: 'Email', fields: 'name,plan.tier' };
      const one = await access.get(tenant, query);
      expect(answer.body[xidOfEmail(id)]).toEqual(one.body[xidOfEmail(id)]);
    }
    expect(answer.body[xidOfEmail('person-0')]?.entity).toEqual({ name: 'Zero', plan: { tier: 'gold' } });
  });

  it('tell unknown identities by empty answers, and take XIDs and repeats', async () => {
    const known = xidOfEmail('person-3');
    const unknown = xidOfEmail('nobody');
    const identities = [email('nobody'), { entityId: known }, email('person-3')];
    const answer = await access.post(tenant, { schema, fields: [], identities });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual([unknown, known]);
    expect(answer.body[unknown]).toEqual({
      entityId: unknown,
      sources: [''],
      entity: {},
      lastModifiedAt: '1970-01-01T00:00:00Z',
    });
    expect(answer.body[known]?.entity['name']).toBe('person-3');
  });

  it('show those that only events name with their identities alone', async () => {
    await access.events(tenant, [{ of: ['email:visitor'], id: 'visit', time: 1 }]);
    const answer = await access.post(tenant, { schema, identities: [email('visitor'), email('nobody')] });
    expect(answer.body[xidOfEmail('visitor')]).toMatchObject({
      sources: [],
      entity: { identities: [{ id: 'visitor', namespace: { code: 'email' } }] },
    });
    expect(answer.body[xidOfEmail('nobody')]?.sources).toEqual(['']);
  });

  it('follow the policy named, and fail together where it is unknown', async () => {
    const mergePolicyId = await access.policy(tenant, {
      identityGraph: { type: 'none' },
      attributeMerge: { type: 'timestampOrdered' },
    });
    const identities = [email('person-0'), email('many')];
    const answer = await access.post(tenant, { schema, identities, mergePolicyId });
    expect(answer.status).toBe(200);
    expect(answer.body[xidOfEmail('person-0')]?.entity['name']).toBe('person-0');
    expect((await access.post(tenant, { schema, identities, mergePolicyId: 'unknown' })).status).toBe(404);
  });

  it('answer 207 where some fail, each with its own problem', async () => {
    const identities = [email('many'), email('person-1'), { entityId: 'no xid' }, { entityIdNS: { code: 'Email' } }];
    const answer = await access.post<Record<string, Failed>>(tenant, { schema, identities });
    expect(answer.status).toBe(207);
    const { body } = answer;
    expect(Object.keys(body)).toEqual([xidOfEmail('many'), xidOfEmail('person-1'), 'no xid', '/identities/3']);
    expect(body[xidOfEmail('many')]?.error).toMatchObject({ status: 422, code: 'TSR-ACC-0422' });
    expect(body[xidOfEmail('person-1')]).not.toHaveProperty('error');
    expect(body['no xid']?.error.errors?.map(({ path }) => path)).toEqual(['/identities/2/entityId']);
    expect(body['/identities/3']?.error.errors?.map(({ path }) => path)).toEqual(['/identities/3/entityId']);
  });

  it('answer 400 where all fail', async () => {
    const identities = [email('many'), { entityId: '__proto__' }];
    const answer = await access.post<Failed['error']>(tenant, { schema, identities });
    expect([answer.status, answer.body.code]).toEqual([400, 'TSR-ACC-0400']);
    expect(answer.body.errors?.map(({ path }) => path)).toEqual(['/identities/0', '/identities/1/entityId']);
  });

  it('take a thousand identities and no more', async () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => email(`person-${index}`));
    const answer = await access.post(tenant, { schema, fields: ['name'], identities: thousand });
    expect(answer.status).toBe(200);
    expect(Object.values(answer.body).filter(({ sources }) => sources[0] !== '')).toHaveLength(60);
    const more = await access.post(tenant, { schema, identities: [...thousand, email('one more')] });
    expect(more.status).toBe(400);
  });

  it('take as many identities as is configured', async () => {
    const configured = await startAccessApplication(3, { maxRequestedIdentities: 2 });
    const own = configured.newTenant();
    const identities = ['a', 'b', 'c'].map(email);
    expect((await configured.post(own, { schema, identities: identities.slice(1) })).status).toBe(200);
    const refused = await configured.post<Failed['error']>(own, { schema, identities });
    expect([refused.status, refused.body.errors?.map(({ path }) => path)]).toEqual([400, ['/identities']]);
    await configured.close();
  });

  it.each([
    [{ identities: [email('a')] }, '/schema'],
    [{ schema: { name: 'other' }, identities: [email('a')] }, '/schema/name'],
    [{ schema }, '/identities'],
    [{ schema, identities: [] }, '/identities'],
    [{ schema, identities: [email('a')], fields: ['a,,b'] }, '/fields'],
    [{ schema, identities: [email('a')], mergePolicyId: { $gt: '' } }, '/mergePolicyId'],
  ])('refuse the body %j, naming %s', async (body, path) => {
    const answer = await access.post<Failed['error']>(tenant, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((fault) => fault.path)).toContain(path);
  });
});
