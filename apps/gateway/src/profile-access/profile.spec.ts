import type { Tenant } from '@tessera/contracts';
import { businessSchemas } from '@tessera/domain';
import {
  identityOf,
  profile,
  startAccessApplication,
  type AccessApplication,
  type ProfileBody,
} from './profile-access.fixture.js';

let access: AccessApplication;
beforeAll(async () => {
  access = await startAccessApplication(3);
});
afterAll(() => access.close());

const ada = { 'schema.name': profile, entityId: 'ada', entityIdNS: 'Email' };
const time = Date.parse('2026-01-02T03:04:05Z');

async function lookup(tenant: Tenant, query: object = {}): Promise<ProfileBody> {
  const answer = await access.get(tenant, { ...ada, ...query });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return Object.values(answer.body)[0] as ProfileBody;
}

describe('one profile', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = access.newTenant();
    await access.link(tenant, 'email:ada', 'crm:7');
    await access.records(tenant, [
      {
        of: 'email:ada',
        datasetId: 'shop',
        age: time - 1_000,
        body: {
          identityMap: { email: [{ id: 'ada', primary: true }] },
          person: { name: { firstName: 'Ada', lastName: 'L' }, age: 36 },
          ['__proto__']: { polluted: 'yes' },
        },
      },
      {
        of: 'crm:7',
        datasetId: 'crm',
        age: time,
        body: { identityMap: { crm: [{ id: '7', primary: true }] }, person: { name: { firstName: 'Augusta' } } },
      },
      { of: 'crm:7', datasetId: 'gone', age: time + 5_000 },
    ]);
  });

  it('is answered in the published shape, under the XID asked for', async () => {
    const xids = ['email:ada', 'crm:7'].map((text) => identityOf(tenant, text).xid);
    const answer = await access.get(tenant, { ...ada, fields: 'person.name,identities' });
    expect(Object.keys(answer.body)).toEqual([xids[0]]);
    const body = Object.values(answer.body)[0];
    expect(body).toEqual({
      entityId: xids[0],
      requestedIdentity: { entityId: 'ada', entityIdNS: { code: 'Email' } },
      mergePolicy: { id: expect.any(String) as string },
      sources: ['crm', 'shop'],
      identityGraph: xids.toSorted(),
      entity: {
        person: { name: { firstName: 'Augusta', lastName: 'L' } },
        identities: expect.arrayContaining([
          { id: 'ada', namespace: { code: 'email' }, primary: true },
          { id: '7', namespace: { code: 'crm' }, primary: true },
        ]) as unknown,
      },
      lastModifiedAt: '2026-01-02T03:04:05Z',
    });
  });

  it('shows everything where no fields are asked for, and nothing of unknown ones', async () => {
    const whole = await lookup(tenant);
    expect(Object.keys(whole.entity).sort()).toEqual(['__proto__', 'identities', 'identityMap', 'person']);
    expect((await lookup(tenant, { fields: 'person.age,nothing.here' })).entity).toEqual({ person: { age: 36 } });
    expect((await lookup(tenant, { fields: 'constructor,toString' })).entity).toEqual({});
  });

  it('is found by XID and by either spelling of the namespace parameter', async () => {
    const whole = await lookup(tenant);
    const { xid } = identityOf(tenant, 'email:ada');
    const byXid = await access.get(tenant, { 'schema.name': profile, entityId: xid });
    expect(byXid.body[xid]).toEqual({
      ...whole,
      requestedIdentity: { entityId: 'ada', entityIdNS: { code: 'email' } },
    });
    const other = await access.get(tenant, { 'schema.name': profile, entityId: 'ada', entityIdNs: 'EMAIL' });
    expect(other.body[xid]?.entity).toEqual(whole.entity);
  });

  it('is the identity alone under a policy without a graph', async () => {
    const mergePolicyId = await access.policy(tenant, {
      identityGraph: { type: 'none' },
      attributeMerge: { type: 'timestampOrdered' },
    });
    const alone = await lookup(tenant, { mergePolicyId, fields: 'person.name,identities' });
    expect(alone.mergePolicy).toEqual({ id: mergePolicyId });
    expect(alone.sources).toEqual(['shop']);
    expect(alone.identityGraph).toEqual([identityOf(tenant, 'email:ada').xid]);
    expect(alone.entity).toEqual({
      person: { name: { firstName: 'Ada', lastName: 'L' } },
      identities: [{ id: 'ada', namespace: { code: 'email' }, primary: true }],
    });
  });

  it('takes only the datasets of an order, the first winning', async () => {
    const ordered = async (order: string[]): Promise<ProfileBody> => {
      const attributeMerge = { type: 'dataSetPrecedence' as const, order };
      const mergePolicyId = await access.policy(tenant, { identityGraph: { type: 'pdg' }, attributeMerge });
      return lookup(tenant, { mergePolicyId, fields: 'person.name' });
    };
    const first = await ordered(['shop', 'crm']);
    expect([first.sources, first.entity]).toEqual([
      ['crm', 'shop'],
      { person: { name: { firstName: 'Ada', lastName: 'L' } } },
    ]);
    const only = await ordered(['crm']);
    expect([only.sources, only.entity]).toEqual([['crm'], { person: { name: { firstName: 'Augusta' } } }]);
  });

  it('has its identities alone where the policy finds nothing to merge', async () => {
    const attributeMerge = { type: 'dataSetPrecedence' as const, order: ['elsewhere'] };
    const mergePolicyId = await access.policy(tenant, { identityGraph: { type: 'none' }, attributeMerge });
    const { entity, sources, lastModifiedAt } = await lookup(tenant, { mergePolicyId });
    expect(entity).toEqual({ identities: [{ id: 'ada', namespace: { code: 'email' } }] });
    expect([sources, lastModifiedAt]).toEqual([[], '1970-01-01T00:00:00Z']);
  });

  it.each([
    ['an event', (of: string, where: Tenant) => access.events(where, [{ of: [of], id: of, time }])],
    ['a deleted record', (of: string, where: Tenant) => access.records(where, [{ of }])],
    ['a link', (of: string, where: Tenant) => access.link(where, of)],
  ])('is there once %s names the identity, and not before', async (kind, name) => {
    const query = { ...ada, entityId: kind };
    expect((await access.get(tenant, query)).status).toBe(404);
    await name(`email:${kind}`, tenant);
    expect(await lookup(tenant, query)).toMatchObject({
      entity: { identities: [{ id: kind, namespace: { code: 'email' } }] },
      sources: [],
    });
  });

  it('does not exist in another sandbox', async () => {
    expect((await access.get(access.newTenant(), ada)).status).toBe(404);
    const { xid } = identityOf(tenant, 'email:ada');
    expect((await access.get(access.newTenant(), { 'schema.name': profile, entityId: xid })).status).toBe(404);
  });

  it('is refused with more related identities than a lookup follows, but not without a graph', async () => {
    await access.link(tenant, 'email:many', 'ecid:1', 'ecid:2', 'ecid:3');
    const query = { ...ada, entityId: 'many' };
    expect((await access.get(tenant, query)).status).toBe(422);
    const mergePolicyId = await access.policy(tenant, {
      identityGraph: { type: 'none' },
      attributeMerge: { type: 'timestampOrdered' },
    });
    expect((await access.get(tenant, { ...query, mergePolicyId })).status).toBe(200);
  });

  it('keeps business entities and people apart', async () => {
    const of = 'crm:acme';
    await access.link(tenant, of);
    await access.records(tenant, [
      { of, datasetId: 'accounts', schema: businessSchemas.account, body: { accountName: 'Acme' } },
    ]);
    const query = { entityId: 'acme', entityIdNS: 'crm', fields: 'accountName' };
    const account = await lookup(tenant, { ...query, 'schema.name': '_xdm.context.account' });
    expect([account.entity, account.sources]).toEqual([{ accountName: 'Acme' }, ['accounts']]);
    expect((await lookup(tenant, query)).entity).toEqual({});
    expect((await lookup(tenant, { ...query, 'schema.name': '_xdm.context.opportunity' })).entity).toEqual({});
  });

  it.each([
    [{ entityId: 'ada', entityIdNS: 'Email' }, '/schema.name'],
    [{ ...ada, 'schema.name': 'profile' }, '/schema.name'],
    [{ 'schema.name': profile, entityIdNS: 'Email' }, '/entityId'],
    [{ 'schema.name': profile, entityId: 'ada' }, '/entityId'],
    [{ ...ada, fields: 'a(b' }, '/fields'],
    [{ ...ada, withCA: 'maybe' }, '/withCA'],
  ])('is refused for %j, naming %s', async (query, path) => {
    const answer = await access.get<{ errors: { path: string }[] }>(tenant, query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((fault) => fault.path)).toEqual([path]);
  });

  it('is not found under an unknown policy, and needs the scope to read', async () => {
    const unknown = await access.get<{ code: string }>(tenant, { ...ada, mergePolicyId: 'unknown' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'TSR-POL-0404']);
    expect((await access.get(tenant, ada, { scopes: ['profile.write'] })).status).toBe(403);
  });
});
