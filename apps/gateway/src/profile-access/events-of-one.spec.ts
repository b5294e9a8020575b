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
  access = await startAccessApplication();
});
afterAll(() => access.close());

const schemas = { 'schema.name': experienceEvent, 'relatedSchema.name': profile };
const ofAda = { ...schemas, relatedEntityId: 'ada', relatedEntityIdNS: 'Email' };
const start = 1_700_000_000_000;

async function page(tenant: Tenant, query: Parameters<AccessApplication['get']>[1] = {}): Promise<EventsBody> {
  const answer = await access.get<EventsBody>(tenant, { ...ofAda, ...query });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.body;
}
const idsOf = ({ children }: EventsBody): string[] => children.map(({ entityId }) => entityId);

describe('events of one profile', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = access.newTenant();
    await access.link(tenant, 'email:ada', 'ecid:1');
    await access.events(tenant, [
      { of: ['email:ada'], id: 'e1', time: start, body: { n: 1, shop: { city: 'Bern' }, ['__proto__']: { a: 1 } } },
      { of: ['ecid:1'], id: 'e2', time: start + 10, body: { n: 2, items: [{ sku: 'a' }, { sku: 'b', price: 3 }] } },
      { of: ['email:ada', 'ecid:1'], id: 'e3', time: start + 10, body: { n: 3, when: '2026-01-01' } },
      { of: ['email:eve'], id: 'e4', time: start, body: {} },
    ]);
  });

  it('answers the published page, empty strings telling that it is the last', async () => {
    const { xid } = identityOf(tenant, 'email:ada');
    expect(await page(tenant, { fields: 'n,items.sku', startTime: start + 1 })).toEqual({
      _page: { orderby: 'timestamp', start: 'e2', count: 2, next: '' },
      children: [
        {
          relatedEntityId: xid,
          entityId: 'e2',
          timestamp: start + 10,
          entity: { n: 2, items: [{ sku: 'a' }, { sku: 'b' }] },
          lastModifiedAt: '2023-11-14T22:13:20Z',
        },
        {
          relatedEntityId: xid,
          entityId: 'e3',
          timestamp: start + 10,
          entity: { n: 3 },
          lastModifiedAt: '2023-11-14T22:13:20Z',
        },
      ],
      _links: { next: { href: '' } },
    });
  });

  it('answers an unknown person with an empty page', async () => {
    expect(await page(tenant, { relatedEntityId: 'nobody' })).toEqual({
      _page: { orderby: 'timestamp', start: '', count: 0, next: '' },
      children: [],
      _links: { next: { href: '' } },
    });
  });

  it('collects the events of everybody whom the policy takes for the person', async () => {
    expect(idsOf(await page(tenant))).toEqual(['e1', 'e2', 'e3']);
    const alone = await access.policy(tenant, {
      identityGraph: { type: 'none' },
      attributeMerge: { type: 'timestampOrdered' },
    });
    expect(idsOf(await page(tenant, { mergePolicyId: alone }))).toEqual(['e1', 'e3']);
    expect((await access.get(tenant, { ...ofAda, mergePolicyId: 'unknown' })).status).toBe(404);
  });

  it('takes the person by XID, and ignores entityId and entityIdNS', async () => {
    const { xid } = identityOf(tenant, 'ecid:1');
    const ignored = { entityId: 'other', entityIdNS: 'Email' };
    const answer = await access.get<EventsBody>(tenant, { ...schemas, relatedEntityId: xid, ...ignored });
    expect(idsOf(answer.body)).toEqual(['e1', 'e2', 'e3']);
    const other = { ...schemas, relatedEntityId: 'ada', relatedEntityIdNs: 'EMAIL' };
    expect(idsOf((await access.get<EventsBody>(tenant, other)).body)).toEqual(['e1', 'e2', 'e3']);
  });

  it('bounds by time, the start included and the end not', async () => {
    expect(idsOf(await page(tenant, { startTime: start, endTime: start + 10 }))).toEqual(['e1']);
    expect(idsOf(await page(tenant, { endTime: start }))).toEqual([]);
  });

  it('orders newest first as the exact reverse', async () => {
    for (const order of ['orderby', 'orderBy']) {
      const newest = await page(tenant, { [order]: '-timestamp' });
      expect(idsOf(newest)).toEqual(['e3', 'e2', 'e1']);
      expect(newest._page.orderby).toBe('-timestamp');
      expect(idsOf(await page(tenant, { [order]: '+timestamp' }))).toEqual(['e1', 'e2', 'e3']);
    }
  });

  it('gives a next link that carries everything a client needs, under both names of the token', async () => {
    const filters = ['n>=1', 'n<9'];
    const first = await page(tenant, { limit: 2, fields: 'n', endTime: start + 99, property: filters });
    expect(idsOf(first)).toEqual(['e1', 'e2']);
    const { href } = first._links.next;
    const query = new URLSearchParams(href.replace('/entities?', ''));
    expect(query.get('start')).toBe(first._page.next);
    expect(query.get('offsets')).toBe(first._page.next);
    expect(query.getAll('property')).toEqual(filters);
    const second = await access.follow<EventsBody>(tenant, href);
    expect(second.body.children.map(({ entity }) => entity)).toEqual([{ n: 3 }]);
    expect(second.body._links.next.href).toBe('');
    for (const name of ['start', 'offsets']) {
      expect(idsOf(await page(tenant, { limit: 2, [name]: first._page.next }))).toEqual(['e3']);
    }
  });

  it.each([
    [['n>1'], ['e2', 'e3']],
    [['n!=1'], ['e2', 'e3']],
    [['n>1', 'n<=2'], ['e2']],
    [['shop.city=Bern'], ['e1']],
    [['shop.city!="Bern"'], []],
    [['items.sku=b'], ['e2']],
    [['items.sku!=b'], ['e2']],
    [['items.price<4'], ['e2']],
    [['when>=2025-12-31T23:00:00Z'], ['e3']],
    [['__proto__.a=1'], ['e1']],
    [['nothing=1'], []],
  ])('filters by the properties %j', async (property, expected) => {
    expect(idsOf(await page(tenant, { property }))).toEqual(expected);
  });

  it.each([
    [{ 'schema.name': experienceEvent, relatedEntityId: 'ada', relatedEntityIdNS: 'Email' }, '/relatedSchema.name'],
    [{ ...schemas, entityId: 'ada', entityIdNS: 'Email' }, '/relatedEntityId'],
    [{ ...schemas, relatedEntityId: 'ada' }, '/relatedEntityId'],
    [{ ...ofAda, 'relatedSchema.name': '_xdm.context.account' }, '/relatedSchema.name'],
    [{ ...ofAda, limit: 0 }, '/limit'],
    [{ ...ofAda, limit: 1001 }, '/limit'],
    [{ ...ofAda, startTime: 'yesterday' }, '/startTime'],
    [{ ...ofAda, endTime: '2026-01-01' }, '/endTime'],
    [{ ...ofAda, orderby: 'name' }, '/orderby'],
    [{ ...ofAda, fields: 'a,,b' }, '/fields'],
    [{ ...ofAda, property: ['a=1', 'b'] }, '/property/1'],
    [{ ...ofAda, property: ['a=1', 'b=1', 'c=1', 'd=1'] }, '/property/3'],
  ])('refuses %j, naming %s', async (query, path) => {
    const answer = await access.get<{ errors: { path: string }[] }>(tenant, query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((fault) => fault.path)).toEqual([path]);
  });

  it.each(['nonsense', Buffer.from('{"time":1,"eventId":{"$gt":""},"datasetId":""}').toString('base64url')])(
    'refuses the page token %s',
    async (token) => {
      expect((await access.get(tenant, { ...ofAda, start: token })).status).toBe(400);
    },
  );
});

describe('paging through many events', () => {
  const many = 10_000;
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = access.newTenant();
    await access.link(tenant, 'email:ada', 'ecid:1');
    const events = Array.from({ length: many }, (_, index) => ({
      of: index % 3 === 0 ? ['ecid:1'] : index % 3 === 1 ? ['email:ada'] : ['email:ada', 'ecid:1'],
      // Events of two datasets share ids, and five hundred share each millisecond.
      id: `e${String(Math.floor(index / 2)).padStart(5, '0')}`,
      datasetId: `events-${index % 2}`,
      time: start + (index % 20),
      body: { index },
    }));
    for (let from = 0; from < many; from += 1_000) await access.events(tenant, events.slice(from, from + 1_000));
  });

  it.each(['+timestamp', '-timestamp'])(
    'meets each event once and in order by %s, while new ones arrive everywhere',
    async (orderby) => {
      const seen: { index: number; key: string }[] = [];
      let query = `/entities?${new URLSearchParams({ ...ofAda, orderby, limit: '777' }).toString()}`;
      for (let turn = 0; query !== ''; turn += 1) {
        const { status, body } = await access.follow<EventsBody>(tenant, query);
        expect(status).toBe(200);
        expect(body._page.count).toBe(body.children.length);
        for (const { entity, timestamp, entityId } of body.children) {
          seen.push({ index: Number(entity['index']), key: `${timestamp}/${entityId}` });
        }
        const arriving = Array.from({ length: 20 }, (_, at) => ({
          of: ['email:ada'],
          id: `e${String((turn * 631 + at * 250) % 5_000).padStart(5, '0')}-${orderby}-${turn}`,
          time: start + at,
          body: { index: -1 },
        }));
        await access.events(tenant, arriving);
        query = body._links.next.href;
      }
      const old = seen.filter(({ index }) => index >= 0).map(({ index }) => index);
      expect(old).toHaveLength(many);
      expect(new Set(old).size).toBe(many);
      expect(new Set(seen.map(({ key }) => key)).size).toBeGreaterThan(many / 2);
      const keys = seen.map(({ key }) => key);
      expect(keys).toEqual(orderby === '+timestamp' ? keys.toSorted() : keys.toSorted().toReversed());
    },
  );

  it('looks at a bounded number of events for one page, and comes through all the same', async () => {
    const pages: EventsBody[] = [];
    let query = `/entities?${new URLSearchParams({ ...ofAda, limit: '10', property: 'index=9999' }).toString()}`;
    while (query !== '') {
      const { body } = await access.follow<EventsBody>(tenant, query);
      pages.push(body);
      query = body._links.next.href;
    }
    expect(pages.flatMap(({ children }) => children.map(({ entity }) => entity['index']))).toEqual([9_999]);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.length).toBeLessThan(5);
  });
});
