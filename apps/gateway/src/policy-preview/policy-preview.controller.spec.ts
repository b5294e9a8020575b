import type { JsonObject, Tenant } from '@tessera/contracts';
import { xid } from '../identity/identity.fixture.js';
import { startExplainApplication, type ExplainApplication } from '../profile-access/explain.fixture.js';

/** Real: MongoDB. */
const path = '/data/core/ups/config/mergePolicies/preview';
const ada = { entityId: 'ada', entityIdNS: { code: 'Email' } };
const byAge = {
  name: 'By age',
  schema: { name: '_xdm.context.profile' },
  identityGraph: { type: 'pdg' },
  attributeMerge: { type: 'timestampOrdered' },
};

interface PreviewAnswer {
  readonly comparedTo?: { readonly id: string };
  readonly results: Record<string, Result>;
  readonly errors: readonly { readonly path: string }[];
}
interface Result {
  readonly profile: { readonly entity: JsonObject; readonly mergePolicy?: object; readonly identityGraph: string[] };
  readonly differences: readonly object[];
  readonly error?: object;
}

let application: ExplainApplication;
let tenant: Tenant;
let crm: string;
let web: string;
beforeAll(async () => {
  application = await startExplainApplication(3);
});
beforeEach(async () => {
  tenant = application.newTenant();
  [crm, web] = [await application.dataset(tenant), await application.dataset(tenant)];
  await application.link(tenant, ['email:ada', 'phone:1']);
  await application.record(tenant, 'email:ada', crm, 1, { name: 'Ada', city: 'London' });
  await application.record(tenant, 'phone:1', web, 2, { name: 'A.', shoe: { size: 38 } });
});
afterAll(() => application.close());

const preview = (body: unknown) => application.call<PreviewAnswer>(tenant, path, { method: 'POST', body });
const resultOf = ({ body }: Awaited<ReturnType<typeof preview>>, identity: string): Result =>
  body.results[xid(tenant, identity)] as Result;

describe('the preview of a merge policy', () => {
  it('shows profiles as they would be, and field by field what that changes from the default policy', async () => {
    const policy = { ...byAge, attributeMerge: { type: 'dataSetPrecedence', order: [crm] } };
    const answer = await preview({ policy, identities: [ada] });
    expect(answer.status).toBe(200);
    const { profile, differences } = resultOf(answer, 'email:ada');
    expect(profile.entity).toMatchObject({ name: 'Ada', city: 'London' });
    expect(profile.entity).not.toHaveProperty('shoe');
    expect(profile).not.toHaveProperty('mergePolicy');
    expect(differences).toEqual([
      { kind: 'changed', pointer: '/name', path: 'name', before: 'A.', after: 'Ada' },
      { kind: 'removed', pointer: '/shoe/size', path: 'shoe.size', before: 38 },
    ]);
    expect(answer.body.comparedTo?.id).toEqual(expect.any(String));
    expect((await preview({ policy, identities: [ada] })).text).toBe(answer.text);
  });

  it('compares with the named policy, graph and all', async () => {
    const alone = await application.policy(tenant, { identityGraph: { type: 'none' } });
    const answer = await preview({ policy: byAge, identities: [ada], compareTo: alone });
    expect(answer.body.comparedTo).toEqual({ id: alone });
    const { profile, differences } = resultOf(answer, 'email:ada');
    expect(profile.identityGraph).toHaveLength(2);
    expect(differences).toMatchObject([
      { kind: 'changed', path: 'identities', before: [{ id: 'ada' }] },
      { kind: 'changed', path: 'name', before: 'Ada', after: 'A.' },
      { kind: 'added', path: 'shoe.size', after: 38 },
    ]);
    const same = await application.policy(tenant, {});
    const unchanged = await preview({ policy: byAge, identities: [ada], compareTo: same });
    expect(resultOf(unchanged, 'email:ada').differences).toEqual([]);
  });

  it('compares with the identity alone where the schema has no default policy', async () => {
    const policy = { ...byAge, schema: { name: '_xdm.context.account' } };
    const answer = await preview({ policy, identities: [ada] });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('comparedTo');
  });

  it('saves nothing', async () => {
    const before = await application.call(
      tenant,
      '/data/core/ups/access/entities?schema.name=_xdm.context.profile&entityId=ada&entityIdNS=Email',
    );
    const policy = { ...byAge, identityGraph: { type: 'none' }, default: true };
    expect((await preview({ policy, identities: [ada] })).status).toBe(200);
    const after = await application.call(
      tenant,
      '/data/core/ups/access/entities?schema.name=_xdm.context.profile&entityId=ada&entityIdNS=Email',
    );
    expect(after.text).toBe(before.text);
  });

  it('answers for each of many identities, with a problem in place of one that cannot be looked up', async () => {
    await application.link(tenant, ['email:bob', 'phone:2', 'phone:3', 'phone:4']);
    const unseen = { entityId: xid(tenant, 'email:unseen') };
    const bob = { entityId: 'bob', entityIdNS: { code: 'Email' } };
    const answer = await preview({ policy: byAge, identities: [unseen, bob, ada] });
    expect(answer.status).toBe(207);
    expect(Object.keys(answer.body.results)).toEqual([
      unseen.entityId,
      xid(tenant, 'email:bob'),
      xid(tenant, 'email:ada'),
    ]);
    expect(resultOf(answer, 'email:unseen')).toMatchObject({ profile: { sources: [''], entity: {} }, differences: [] });
    expect(resultOf(answer, 'email:bob')).toMatchObject({ error: { status: 422, code: 'TSR-ACC-0422' } });
    expect(resultOf(answer, 'email:ada')).toMatchObject({ profile: { entity: { name: 'A.' } } });
  });

  it('refuses what creation refuses, each fault with its place', async () => {
    const paths = ({ body }: Awaited<ReturnType<typeof preview>>) => body.errors.map((error) => error.path).sort();
    const invalid = await preview({ policy: { attributeMerge: { type: 'timestampOrdered', order: ['a'] } } });
    expect(invalid.status).toBe(400);
    expect(paths(invalid)).toEqual([
      '/identities',
      '/policy/attributeMerge/order',
      '/policy/identityGraph',
      '/policy/name',
      '/policy/schema',
    ]);
    const events = await application.dataset(tenant, 'time-series');
    const order = [crm, events, 'unknown'];
    const policy = { ...byAge, attributeMerge: { type: 'dataSetPrecedence', order } };
    const datasets = await preview({ policy, identities: [ada] });
    expect(datasets.status).toBe(400);
    expect(paths(datasets)).toEqual(['/policy/attributeMerge/order/1', '/policy/attributeMerge/order/2']);
    const malformed = await preview({ policy: byAge, identities: [ada, { entityId: 'short' }, {}] });
    expect(malformed.status).toBe(400);
    expect(paths(malformed)).toEqual(['/identities/1/entityId', '/identities/2/entityId']);
    const identities = Array.from({ length: 101 }, () => ada);
    expect((await preview({ policy: byAge, identities })).status).toBe(400);
    expect((await preview({ policy: byAge, identities: identities.slice(1) })).status).toBe(200);
    expect((await preview({ policy: byAge, identities: [ada], compareTo: 'nope' })).status).toBe(404);
  });

  it('needs profile.read only', async () => {
    const body = { policy: byAge, identities: [ada] };
    const call = { method: 'POST', body } as const;
    expect((await application.call(tenant, path, { ...call, scopes: ['profile.read'] })).status).toBe(200);
    expect((await application.call(tenant, path, { ...call, scopes: ['profile.write'] })).status).toBe(403);
  });
});
