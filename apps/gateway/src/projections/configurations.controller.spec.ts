import type { Tenant } from '@tessera/contracts';
import {
  configurationType,
  destinationsPath,
  destinationType,
  profileSchema,
  projectionsPath,
  startProjectionsApplication,
  type Configuration,
  type Destination,
  type Problem,
} from './projections.fixture.js';

/** Real: HTTP admission and parsing, MongoDB. */
describe('projection configurations', () => {
  let application: Awaited<ReturnType<typeof startProjectionsApplication>>;
  let tenant: Tenant;
  let destination: Destination;
  beforeAll(async () => {
    application = await startProjectionsApplication();
  });
  beforeEach(async () => {
    tenant = application.newTenant();
    destination = await application.destination(tenant);
  });
  afterAll(() => application.close());

  const settings = () => ({ name: 'contact', selector: 'emails,person(firstName)', destinationId: destination.id });
  const post = <Body = Configuration>(body: unknown, query = profileSchema, type?: string) =>
    application.sendConfiguration<Body>(tenant, 'POST', `${projectionsPath}?${query}`, body, type);
  const put = <Body = Configuration>(id: string, body: unknown, type?: string) =>
    application.sendConfiguration<Body>(tenant, 'PUT', `${projectionsPath}/${id}`, body, type);
  const namesOf = async (query = '') => {
    const { body } = await application.get<{ _embedded: { projectionConfigs: Configuration[] } }>(
      tenant,
      `${projectionsPath}${query}`,
    );
    return body._embedded.projectionConfigs.map(({ schemaName, name }) => `${schemaName} ${name}`);
  };

  it('are created with the destination they name', async () => {
    const { status, body } = await post(settings());
    expect(status).toBe(201);
    expect(body).toEqual({
      _links: {
        destination: { href: `${destinationsPath}/${destination.id}`, templated: false },
        self: { href: `${projectionsPath}/${body.id}`, templated: false },
      },
      _embedded: { destination },
      ...settings(),
      schemaName: '_xdm.context.profile',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      version: 1,
    });
    expect((await application.get(tenant, `${projectionsPath}/${body.id}`)).body).toEqual(body);
  });

  it.each([configurationType, `${configurationType};version=1`])('are taken as %s', async (type) => {
    expect((await post(settings(), profileSchema, type)).status).toBe(201);
  });

  it.each(['application/json', `${configurationType};version=2`, destinationType])(
    'are not taken as %s',
    async (type) => {
      expect((await post<Problem>(settings(), profileSchema, type)).status).toBe(415);
    },
  );

  it.each([
    ['emails,,person', 'column 8'],
    ['person(firstName', 'column 17'],
    ['person(firstName))', 'column 18'],
    ['person. firstName', 'column 8'],
  ])('are refused with the selector %s, naming %s', async (selector, column) => {
    const answer = await post<Problem>({ ...settings(), selector });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.[0]).toMatchObject({
      path: '/selector',
      message: expect.stringContaining(column) as string,
    });
  });

  it('are told all their faults at once, of the selector too', async () => {
    const answer = await post<Problem>({ name: '', selector: 'emails,,person', destinationId: destination.id });
    expect(answer.body.errors?.map(({ path }) => path).sort()).toEqual(['/name', '/selector']);
  });

  it.each(['addresses(type,city.country)', 'person(name(firstName,lastName),birthDate),_acme.loyalty.tier'])(
    'take the selector %s',
    async (selector) => {
      expect((await post({ ...settings(), selector })).body.selector).toBe(selector);
    },
  );

  it.each([
    ['', { name: 'n' }, '/schemaName'],
    ['schemaName=_xdm.context.experienceevent', {}, '/schemaName'],
    [profileSchema, { name: '' }, '/name'],
    [profileSchema, { selector: undefined }, '/selector'],
    [profileSchema, { destinationId: 'nowhere' }, '/destinationId'],
  ])('are refused for ?%s with %j, naming %s', async (query, changed, path) => {
    const answer = await post<Problem>({ ...settings(), ...changed }, query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((fault) => fault.path)).toContain(path);
  });

  it('have names that are unique among those of a schema', async () => {
    const { id } = await application.configuration(tenant, destination.id);
    expect(await post<Problem>(settings())).toMatchObject({ status: 409, body: { code: 'TSR-PRJ-1409' } });
    expect((await post(settings(), 'schemaName=_xdm.context.account')).status).toBe(201);
    const second = await application.configuration(tenant, destination.id, { name: 'second' });
    expect((await put<Problem>(second.id, { ...settings(), currentVersion: 1 })).status).toBe(409);
    expect((await put(id, { ...settings(), currentVersion: 1 })).status).toBe(200);
  });

  it('are listed by schema, and by name within one', async () => {
    await application.configuration(tenant, destination.id, { name: 'one' });
    await application.configuration(tenant, destination.id, { name: 'two' });
    await post({ ...settings(), name: 'one' }, 'schemaName=_xdm.context.account');
    const [one, two] = ['_xdm.context.profile one', '_xdm.context.profile two'];
    expect(await namesOf()).toEqual([one, two, '_xdm.context.account one']);
    expect(await namesOf(`?${profileSchema}`)).toEqual([one, two]);
    expect(await namesOf(`?${profileSchema}&name=two`)).toEqual([two]);
    expect(await namesOf(`?${profileSchema}&name=three`)).toEqual([]);
    expect((await application.get(tenant, `${projectionsPath}?name=one`)).status).toBe(400);
  });

  it('are replaced from their current version only, however it is called', async () => {
    const { id } = await application.configuration(tenant, destination.id);
    const other = await application.destination(tenant, { dataCenters: ['VA5'] });
    const changed = await put(id, {
      ...settings(),
      selector: 'person',
      name: 'renamed',
      destinationId: other.id,
      currentVersion: 1,
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id, version: 2, selector: 'person', name: 'renamed' });
    expect(changed.body._embedded.destination).toEqual(other);
    expect((await put(id, { ...settings(), version: 2 })).body.version).toBe(3);
    for (const stale of [{ currentVersion: 1 }, { version: 2 }]) {
      expect(await put<Problem>(id, { ...settings(), ...stale })).toMatchObject({
        status: 409,
        body: { code: 'TSR-PRJ-0409' },
      });
    }
    for (const unclear of [{}, { currentVersion: 3, version: 2 }]) {
      expect((await put<Problem>(id, { ...settings(), ...unclear })).status).toBe(400);
    }
  });

  it('are not replaced without a version, which is told as one fault beside others', async () => {
    const { id } = await application.configuration(tenant, destination.id);
    const version = { path: '', message: 'one of currentVersion, version is required' };
    expect((await put<Problem>(id, settings())).body.errors).toEqual([version]);
    const nameless = await put<Problem>(id, { ...settings(), name: undefined });
    expect(nameless.body.errors).toEqual(expect.arrayContaining([version, { path: '/name', message: 'is required' }]));
    expect(nameless.body.errors).toHaveLength(2);
  });

  it('are deleted, and unknown then as they are elsewhere', async () => {
    const { id } = await application.configuration(tenant, destination.id);
    const path = `${projectionsPath}/${id}`;
    expect((await application.get(application.newTenant(), path)).status).toBe(404);
    expect((await application.remove(application.newTenant(), path)).status).toBe(404);
    expect((await application.remove(tenant, path)).status).toBe(204);
    expect((await application.get(tenant, path)).status).toBe(404);
    expect((await put<Problem>(id, { ...settings(), currentVersion: 1 })).status).toBe(404);
    expect((await application.remove(tenant, path)).status).toBe(404);
  });
});
