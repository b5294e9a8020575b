import type { Tenant } from '@tessera/contracts';
import { withChangedConfiguration, withChangedDestination, withoutConfiguration, xidOf } from '@tessera/domain';
import { eventually } from '@tessera/testing';
import { startEdge, type TestEdge } from './edge.fixture.js';

const person = 'entityId=ada@example.com&entityIdNS=Email';

/** Real: HTTP admission, Redis and MongoDB, each behind a door. */
describe('the edge', () => {
  let edge: TestEdge;
  let tenant: Tenant;
  beforeAll(async () => {
    edge = await startEdge();
  });
  beforeEach(async () => {
    await Promise.all([edge.mongodb.open(), edge.redis.open()]);
    tenant = await edge.newTenant();
    await edge.record(tenant, 'ada@example.com', {
      emails: ['a'],
      person: { firstName: 'Ada', lastName: 'L' },
      tier: 1,
    });
  });
  afterAll(() => edge.close());

  const get = (name: string, query = person, dataCenter = 'OR1', headers?: Record<string, string>) =>
    edge.get(tenant, `/edge/${dataCenter}/projections/${name}?${query}`, headers);
  const entityOf = async (name: string) => (await get(name)).body['entity'];

  it('answers the projection of a person, by any spelling of the identity', async () => {
    await edge.project(tenant, 'contact', 'emails,person(firstName)');
    const before = Date.now();
    const { status, body, headers } = await get('contact');
    const xid = xidOf(tenant, 'email', 'ada@example.com');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body).toEqual({
      entityId: xid,
      projection: 'contact',
      version: expect.any(Number) as number,
      asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      entity: { emails: ['a'], person: { firstName: 'Ada' } },
    });
    // As of the newest write that the snapshot shows, or the server's own sign of life every ten seconds.
    expect(Math.abs(Date.parse(body['asOf'] as string) - before)).toBeLessThan(15_000);
    for (const query of [`entityId=${xid}`, 'entityId=ada@example.com&entityIdNs=email']) {
      expect((await get('contact', query)).body).toEqual(body);
    }
  });

  it('holds what was asked for once', async () => {
    await edge.project(tenant, 'contact', 'emails');
    const [filled, held] = [await edge.metric('result="filled"'), await edge.metric('result="held"')];
    for (let times = 0; times < 3; times += 1) expect((await get('contact')).status).toBe(200);
    expect(await edge.metric('result="filled"')).toBe(filled + 1);
    expect(await edge.metric('result="held"')).toBe(held + 2);
  });

  it('answers many who ask at once with one reading for all', async () => {
    await edge.project(tenant, 'contact', 'emails');
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('contact')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['entity'])))).toEqual(new Set(['{"emails":["a"]}']));
  });

  it.each([
    ['contact', 'entityId=nobody&entityIdNS=Email', 'OR1', 404, 'TSR-ACC-0404'],
    ['nothing', person, 'OR1', 404, 'TSR-PRJ-1404'],
    ['contact', `${person}&schemaName=_xdm.context.account`, 'OR1', 404, 'TSR-PRJ-1404'],
    ['contact', person, 'VA5', 404, 'TSR-PRJ-1404'],
    ['contact', person, 'MARS', 404, 'TSR-PRJ-2404'],
    ['contact', '', 'OR1', 400, 'TSR-GEN-4400'],
    ['contact', 'entityId=ada@example.com', 'OR1', 400, 'TSR-GEN-4400'],
  ])('answers %s?%s in %s with %d %s', async (name, query, dataCenter, status, code) => {
    await edge.project(tenant, 'contact', 'emails');
    expect(await get(name, query, dataCenter)).toMatchObject({ status, body: { code } });
  });

  it('admits as everywhere', async () => {
    await edge.project(tenant, 'contact', 'emails');
    const refusal = async (headers: Record<string, string>) => {
      const { status, body } = await get('contact', person, 'OR1', headers);
      return `${status} ${body['code'] as string}`;
    };
    const authorization = async (...of: Parameters<TestEdge['token']>) => `Bearer ${await edge.token(...of)}`;
    expect(await refusal({ authorization: '' })).toBe('401 TSR-AUT-0401');
    expect(await refusal({ authorization: 'Bearer a.b.c' })).toBe('401 TSR-AUT-1401');
    expect(await refusal({ authorization: await authorization('profile.write') })).toBe('403 TSR-AUT-2403');
    expect(await refusal({ 'x-api-key': 'other' })).toBe('403 TSR-AUT-0403');
    expect(await refusal({ 'x-gw-ims-org-id': 'C@TesseraOrg' })).toBe('403 TSR-AUT-1403');
    expect(await refusal({ 'x-sandbox-name': 'nowhere' })).toBe('404 TSR-SBX-0404');
    expect(await refusal({ 'x-sandbox-name': '' })).toBe('400 TSR-GEN-5400');
  });

  it('keeps sandboxes apart', async () => {
    await edge.project(tenant, 'contact', 'emails');
    expect((await get('contact')).status).toBe(200);
    tenant = await edge.newTenant();
    await edge.project(tenant, 'contact', 'emails');
    expect((await get('contact')).status).toBe(404);
  });

  it('follows a changed selector, and forgets a deleted configuration', async () => {
    const { id, destinationId } = await edge.project(tenant, 'contact', 'emails');
    expect(await entityOf('contact')).toEqual({ emails: ['a'] });
    const changed = { name: 'contact', selector: 'tier', destinationId };
    await edge.projections.change(tenant, (set) => withChangedConfiguration(set, id, 1, changed));
    await eventually(async () => expect(await entityOf('contact')).toEqual({ tier: 1 }));
    await edge.projections.change(tenant, (set) => withoutConfiguration(set, id));
    await eventually(async () => expect((await get('contact')).status).toBe(404));
  });

  it('follows a destination to other data centres', async () => {
    const { destinationId } = await edge.project(tenant, 'contact', 'emails');
    expect((await get('contact')).status).toBe(200);
    const moved = { type: 'EDGE', dataCenters: ['VA5'], ttl: 600, replicationPolicy: 'REACTIVE' } as const;
    await edge.projections.change(tenant, (set) => withChangedDestination(set, destinationId, 1, moved));
    await eventually(async () => expect((await get('contact', person, 'VA5')).status).toBe(200));
    await eventually(async () => expect((await get('contact')).status).toBe(404));
  });

  it('rebuilds what it holds when another policy is active on edge', async () => {
    await edge.project(tenant, 'contact', 'tier');
    await edge.record(tenant, 'ada@example.com', { tier: 2 }, 'newer');
    expect(await entityOf('contact')).toEqual({ tier: 2 });
    await edge.policy(tenant, { type: 'dataSetPrecedence', order: ['dataset'] });
    await eventually(async () => expect(await entityOf('contact')).toEqual({ tier: 1 }));
  });

  it('answers what it holds while MongoDB is away, also after its own restart', async () => {
    await edge.project(tenant, 'contact', 'emails');
    const { body } = await get('contact');
    await edge.mongodb.shut();
    for (let times = 0; times < 20; times += 1) expect((await get('contact')).body).toEqual(body);
    await edge.restart();
    expect((await edge.get(tenant, '/health/ready')).status).toBe(200);
    expect(await get('contact')).toMatchObject({ status: 200, body });
    expect((await get('nothing')).status).toBe(404);
    expect(await get('contact', 'entityId=bob&entityIdNS=Email')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    expect((await get('contact', person, 'OR1', { authorization: 'Bearer a.b.c' })).status).toBe(401);
    await edge.mongodb.open();
    await eventually(async () => expect((await get('contact', 'entityId=bob&entityIdNS=Email')).status).toBe(404), {
      timeout: 20_000,
    });
  });

  it('makes anew what time has made outdated, and answers it as it is while that cannot be done', async () => {
    const { id } = await edge.project(tenant, 'contact', 'emails');
    const { body } = await get('contact');
    const outdated = { emails: ['of yesterday'] };
    await edge.outdate(tenant, 'ada@example.com', id, outdated);
    expect((await get('contact')).body['entity']).toEqual(body['entity']);
    expect(await edge.metric('result="outdated"')).toBe(0);
    await edge.outdate(tenant, 'ada@example.com', id, outdated);
    await edge.mongodb.shut();
    for (let times = 0; times < 5; times += 1) expect((await get('contact')).body['entity']).toEqual(outdated);
    await edge.mongodb.open();
    await eventually(async () => expect((await get('contact')).body['entity']).toEqual(body['entity']), {
      timeout: 20_000,
    });
    // Another one, since lookups from while MongoDB was away may still be making the first anew.
    const another = await edge.project(tenant, 'another', 'emails');
    await eventually(async () => expect((await get('another')).body['entity']).toEqual(body['entity']), {
      timeout: 20_000,
    });
    await edge.outdate(tenant, 'ada@example.com', another.id, outdated);
    edge.mongodb.freeze();
    for (let times = 0; times < 5; times += 1) expect((await get('another')).body['entity']).toEqual(outdated);
  });

  it('waits for nobody while MongoDB does not answer at all', async () => {
    await edge.project(tenant, 'contact', 'emails');
    const { body } = await get('contact');
    edge.mongodb.freeze();
    for (let times = 0; times < 20; times += 1) expect((await get('contact')).body).toEqual(body);
  });

  it('is not ready without Redis, says so at once, and recovers by itself', async () => {
    await edge.project(tenant, 'contact', 'emails');
    expect((await get('contact')).status).toBe(200);
    await edge.redis.shut();
    expect(await get('contact')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    const ready = await edge.get(tenant, '/health/ready');
    expect(ready.status).toBe(503);
    await edge.redis.open();
    await eventually(async () => expect((await get('contact')).status).toBe(200), { timeout: 20_000 });
  });
});
