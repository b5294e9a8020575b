import { policyBody, startPolicyApplication, type Page, type PolicyApplication } from './merge-policies.fixture.js';

let policies: PolicyApplication;
beforeAll(async () => {
  policies = await startPolicyApplication();
});
afterAll(() => policies.close());

describe('concurrent changes of a merge policy', () => {
  it('raise the version once for each that is answered 200, and answer 409 to the others', async () => {
    const tenant = policies.newTenant();
    const { id } = await policies.create(tenant);
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        policies.patch(tenant, id, { op: 'replace', path: '/name', value: `name ${index}` }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(25 - won.length);
    expect(won.map(({ body: policy }) => policy.version).sort((a, b) => a - b)).toEqual(
      won.map((_, index) => index + 2),
    );
    for (const { body: policy } of won) {
      expect((await policies.get(tenant, `/${id}?version=${policy.version}`)).body).toEqual(policy);
    }
  });

  it('leave one default whoever comes last', async () => {
    const tenant = policies.newTenant();
    const created = await Promise.all(Array.from({ length: 8 }, () => policies.create(tenant)));
    await Promise.all(
      created.map(({ id }) => policies.patch(tenant, id, { op: 'replace', path: '/default', value: true })),
    );
    expect((await policies.get<Page>(tenant, '?default=true')).body._page.totalCount).toBe(1);
  });

  it('never make more than 50 policies', async () => {
    const tenant = policies.newTenant();
    const answers = await Promise.all(Array.from({ length: 60 }, () => policies.post(tenant, policyBody())));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  });
});
