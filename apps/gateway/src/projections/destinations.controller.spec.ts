import type { Tenant } from '@tessera/contracts';
import {
  destinationsPath,
  destinationType,
  startProjectionsApplication,
  type Destination,
  type Problem,
} from './projections.fixture.js';

/** Real: HTTP admission and parsing, MongoDB. */
describe('projection destinations', () => {
  let application: Awaited<ReturnType<typeof startProjectionsApplication>>;
  let tenant: Tenant;
  beforeAll(async () => {
    application = await startProjectionsApplication();
  });
  beforeEach(() => {
    tenant = application.newTenant();
  });
  afterAll(() => application.close());

  const post = <Body = Destination>(body: unknown, type?: string) =>
    application.sendDestination<Body>(tenant, 'POST', destinationsPath, body, type);
  const put = <Body = Destination>(id: string, body: unknown, type?: string) =>
    application.sendDestination<Body>(tenant, 'PUT', `${destinationsPath}/${id}`, body, type);
  const edge = { type: 'EDGE', dataCenters: ['OR1'] };

  it('are created with the defaults of what is not said', async () => {
    const { status, body } = await post(edge);
    expect(status).toBe(201);
    expect(body).toEqual({
      self: { href: `${destinationsPath}/${body.id}`, templated: false },
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      type: 'EDGE',
      dataCenters: ['OR1'],
      ttl: 3_600,
      replicationPolicy: 'REACTIVE',
      version: 1,
    });
    expect((await application.get(tenant, `${destinationsPath}/${body.id}`)).body).toEqual(body);
  });

  it.each([
    `${destinationType}`,
    `${destinationType};version=1`,
    `${destinationType}; version=1`,
    `${destinationType}; version="1"; charset=utf-8`,
    destinationType.toLowerCase(),
  ])('are taken as %s', async (type) => {
    expect((await post(edge, type)).status).toBe(201);
  });

  it.each([
    'application/json',
    'text/plain',
    `${destinationType}; version=2`,
    `${destinationType}x`,
    'application/vnd.adobe.platform.projectionConfig+json',
  ])('are not taken as %s', async (type) => {
    expect((await post<Problem>(edge, type)).status).toBe(415);
    const { id } = await application.destination(tenant);
    expect((await put<Problem>(id, { ...edge, currentVersion: 1 }, type)).status).toBe(415);
  });

  it.each([
    [{ dataCenters: ['OR1'] }, '/type'],
    [{ ...edge, type: 'CORE' }, '/type'],
    [{ type: 'EDGE' }, '/dataCenters'],
    [{ ...edge, dataCenters: [] }, '/dataCenters'],
    [{ ...edge, dataCenters: ['OR1', 'OR1'] }, '/dataCenters'],
    [{ ...edge, dataCenters: ['OR1', 'MARS'] }, '/dataCenters/1'],
    [{ ...edge, ttl: 599 }, '/ttl'],
    [{ ...edge, ttl: 604_801 }, '/ttl'],
    [{ ...edge, ttl: 600.5 }, '/ttl'],
    [{ ...edge, replicationPolicy: 'SOMETIMES' }, '/replicationPolicy'],
  ])('are refused as %j, naming %s', async (body, path) => {
    const answer = await post<Problem>(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((fault) => fault.path)).toContain(path);
  });

  it.each([600, 604_800])('hold copies for %d seconds', async (ttl) => {
    expect((await post({ ...edge, ttl })).body.ttl).toBe(ttl);
  });

  it('are listed with their links, in the order of their creation', async () => {
    const one = await application.destination(tenant);
    const other = await application.destination(tenant, {
      replicationPolicy: 'PROACTIVE',
      dataCenters: ['VA5', 'OR1'],
    });
    const item = ({ self, ...rest }: Destination) => ({ _links: { self }, ...rest });
    expect((await application.get(tenant, destinationsPath)).body).toEqual({
      _links: { self: { href: destinationsPath, templated: false } },
      _embedded: { projectionDestinations: [item(one), item(other)] },
    });
    expect((await application.get(application.newTenant(), destinationsPath)).body).toMatchObject({
      _embedded: { projectionDestinations: [] },
    });
  });

  it('are replaced as a whole, from their current version only', async () => {
    const { id, self } = await application.destination(tenant, { ttl: 600, replicationPolicy: 'PROACTIVE' });
    const changed = await put(id, { type: 'EDGE', dataCenters: ['VA5'], currentVersion: 1 });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({
      self,
      id,
      type: 'EDGE',
      dataCenters: ['VA5'],
      ttl: 3_600,
      replicationPolicy: 'REACTIVE',
      version: 2,
    });
    expect((await put<Problem>(id, { ...edge, currentVersion: 1 })).status).toBe(409);
    expect((await put<Problem>(id, edge)).status).toBe(400);
    expect((await put<Problem>(id, { ...edge, dataCenters: ['MARS'], currentVersion: 2 })).status).toBe(400);
    expect((await application.get<Destination>(tenant, `${destinationsPath}/${id}`)).body).toEqual(changed.body);
  });

  it('let one of many changes at the same moment through', async () => {
    const { id } = await application.destination(tenant);
    const statuses = await Promise.all(
      [600, 700, 800, 900].map(async (ttl) => (await put(id, { ...edge, ttl, currentVersion: 1 })).status),
    );
    expect(statuses.sort()).toEqual([200, 409, 409, 409]);
  });

  it('are deleted, but not while a configuration uses them', async () => {
    const { id } = await application.destination(tenant);
    const configuration = await application.configuration(tenant, id);
    expect(await application.remove(tenant, `${destinationsPath}/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'TSR-PRJ-2409' },
    });
    expect((await application.remove(tenant, configuration._links.self.href)).status).toBe(204);
    const removed = await application.remove(tenant, `${destinationsPath}/${id}`);
    expect({ status: removed.status, text: removed.text }).toEqual({ status: 204, text: '' });
    expect((await application.remove(tenant, `${destinationsPath}/${id}`)).status).toBe(404);
  });

  it('are unknown elsewhere', async () => {
    const { id } = await application.destination(tenant);
    tenant = application.newTenant();
    expect((await application.get(tenant, `${destinationsPath}/${id}`)).status).toBe(404);
    expect((await put<Problem>(id, { ...edge, currentVersion: 1 })).status).toBe(404);
    expect((await application.remove(tenant, `${destinationsPath}/${id}`)).status).toBe(404);
  });

  it('need the scope of what is done', async () => {
    const call = { method: 'POST', body: edge, scopes: ['profile.read'] } as const;
    expect((await application.get(tenant, destinationsPath, call)).status).toBe(403);
    expect((await application.get(tenant, destinationsPath, { scopes: ['profile.write'] })).status).toBe(403);
  });
});
