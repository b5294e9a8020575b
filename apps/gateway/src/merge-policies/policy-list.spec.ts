import type { Tenant } from '@tessera/contracts';
import { startPolicyApplication, type Page, type PolicyApplication } from './merge-policies.fixture.js';

let policies: PolicyApplication;
beforeAll(async () => {
  policies = await startPolicyApplication();
});
afterAll(() => policies.close());

describe('the list of merge policies', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = policies.newTenant();
    for (const name of ['delta', 'alpha', 'charlie', 'bravo', 'bravo']) await policies.create(tenant, { name });
    await policies.create(tenant, { name: 'echo', identityGraph: { type: 'none' }, isActiveOnEdge: true });
  });
  const names = async (query: string): Promise<string[]> =>
    (await policies.get<Page>(tenant, `?${query}`)).body.children.map(({ name }) => name);

  it('orders by name, either way, with or without an encoded plus', async () => {
    const ascending = ['Default Timebased', 'alpha', 'bravo', 'bravo', 'charlie', 'delta', 'echo'];
    for (const orderBy of ['name', '+name', '%2Bname']) expect(await names(`orderBy=${orderBy}`)).toEqual(ascending);
    expect(await names('orderBy=-name')).toEqual(ascending.toReversed());
  });

  it('filters, with booleans in any case and repeated parameters counted once', async () => {
    expect(await names('default=TRUE&default=TRUE')).toEqual(['Default Timebased']);
    expect(await names('isActiveOnEdge=true')).toEqual(['echo']);
    expect(await names('identityGraph.type=none')).toEqual(['echo']);
    expect(await names('schema.name=_xdm.context.account')).toEqual([]);
    expect(await names('attributeMerge.type=timestampOrdered&version=1&default=false')).toHaveLength(6);
    expect(await names('version=2')).toEqual([]);
  });

  it.each(['name', '-name'])(
    'pages by %s through the links, keeping the filters, while policies come and go',
    async (orderBy) => {
      const whole = (
        await policies.get<Page>(tenant, `?orderBy=${orderBy}&default=false&limit=1000`)
      ).body.children.map(({ id }) => id);
      const seen: string[] = [];
      let query = `?orderBy=${orderBy}&limit=2&default=false`;
      while (query !== '') {
        const { body: page } = await policies.get<Page>(tenant, query);
        expect(page._page.pageSize).toBe(2);
        expect(page._page.count).toBe(page.children.length);
        seen.push(...page.children.map(({ id }) => id));
        const extra = await policies.create(tenant, { name: `${orderBy === 'name' ? '!' : '~'} passing` });
        await policies.remove(tenant, extra.id);
        const { href } = page._links.next;
        expect(href === '' || href.startsWith('@/mergePolicies?start=')).toBe(true);
        query = href.replace('@/mergePolicies', '');
      }
      expect(seen).toEqual(whole);
    },
  );

  it('refuses values it does not know', async () => {
    const bad = [
      'limit=0',
      'limit=1001',
      'limit=x',
      'orderBy=version',
      'default=maybe',
      'schema.name=nope',
      'start=abc',
    ];
    for (const query of [...bad, 'identityGraph.type=x', 'version=one', 'default=true&default=false']) {
      expect([query, (await policies.get(tenant, `?${query}`)).status]).toEqual([query, 400]);
    }
  });
});
