import type { Tenant } from '@tessera/contracts';
import {
  experienceEvent,
  identityOf,
  profile,
  startAccessApplication,
  type AccessApplication,
  type EventsBody,
} from './profile-access.fixture.js';

let access: AccessApplication;
beforeAll(async () => {
  access = await startAccessApplication(3);
});
afterAll(() => access.close());

const schemas = { schema: { name: experienceEvent }, relatedSchema: { name: profile } };
const email = (relatedEntityId: string): object => ({ relatedEntityId, relatedEntityIdNS: { code: 'Email' } });
const start = 1_700_000_000_000;

describe('events of many profiles in one call', () => {
  let tenant: Tenant;
  const xidOfEmail = (id: string): string => identityOf(tenant, `email:${id}`).xid;
  const post = (body: object) => access.post<Record<string, EventsBody>>(tenant, { ...schemas, ...body });
  beforeAll(async () => {
    tenant = access.newTenant();
    await access.link(tenant, 'email:ada', 'ecid:1');
    await access.link(tenant, 'email:many', 'ecid:2', 'ecid:3', 'ecid:4');
    await access.events(
      tenant,
      Array.from({ length: 60 }, (_, index) => ({
        of: [['email:ada', 'ecid:1', 'email:bob'][index % 3] as string],
        id: `e${String(index).padStart(2, '0')}`,
        time: start + Math.floor(index / 7),
        body: { index, even: index % 2 === 0 },
      })),
    );
  });

  it('are the pages that each profile has alone, in the order asked for', async () => {
    const options = {
      fields: ['index'],
      timeFilter: { startTime: start + 1, endTime: start + 6 },
      orderby: '-timestamp',
    };
    const answer = await post({ ...options, limit: 5, identities: [email('bob'), email('nobody'), email('ada')] });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['bob', 'nobody', 'ada'].map(xidOfEmail));
    for (const id of ['bob', 'nobody', 'ada']) {
      const one = await access.get<EventsBody>(tenant, {
        'schema.name': experienceEvent,
        'relatedSchema.name': profile,
        relatedEntityId: id,
        relatedEntityIdNS: 'Email',
        fields: 'index',
        orderby: '-timestamp',
        startTime: start + 1,
        endTime: start + 6,
        limit: 5,
      });
      const { _links, ...page } = answer.body[xidOfEmail(id)] as EventsBody;
      expect(page).toEqual({ _page: one.body._page, children: one.body.children });
      expect(_links.next.href).toBe(id === 'nobody' ? '' : '/entities');
    }
  });

  it('page by the payload of each one, which asks for the same of this one alone', async () => {
    const seen: unknown[] = [];
    let body: object = { limit: 7, fields: ['index'], orderBy: '+timestamp', identities: [email('ada'), email('bob')] };
    for (;;) {
      const answer = await post(body);
      const page = answer.body[xidOfEmail('ada')] as EventsBody;
      seen.push(...page.children.map(({ entity }) => entity['index']));
      const { href, payload } = page._links.next;
      if (href === '') {
        expect(page._links.next).toEqual({ href: '' });
        break;
      }
      expect(payload).toEqual({
        ...schemas,
        fields: ['index'],
        limit: 7,
        orderby: '+timestamp',
        identities: [{ ...email('ada'), start: page._page.next }],
      });
      body = payload as object;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index).filter((index) => index % 3 !== 2));
  });

  it('fail each for itself, and all together only when every one does', async () => {
    const broken = [email('many'), { relatedEntityId: 'no xid' }, { ...email('bob'), start: 'nonsense' }];
    const some = await access.post<Record<string, { error?: { status: number } }>>(tenant, {
      ...schemas,
      identities: [...broken, { relatedEntityId: xidOfEmail('ada') }],
    });
    expect(some.status).toBe(207);
    const statuses = Object.values(some.body).map(({ error }) => error?.status);
    expect(statuses).toEqual([422, 400, 400, undefined]);
    expect((await post({ identities: broken })).status).toBe(400);
  });

  it.each([
    [{ relatedSchema: undefined }, '/relatedSchema'],
    [{ relatedSchema: { name: experienceEvent } }, '/relatedSchema/name'],
    [{ limit: 1_001 }, '/limit'],
    [{ limit: 0 }, '/limit'],
    [{ orderby: 'name' }, '/orderby'],
    [{ timeFilter: { startTime: 'x' } }, '/timeFilter/startTime'],
  ])('refuse %j, naming %s', async (change, path) => {
    const body = { ...schemas, identities: [email('ada')], ...change };
    const answer = await access.post<{ errors: { path: string }[] }>(tenant, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((fault) => fault.path)).toContain(path);
  });
});
