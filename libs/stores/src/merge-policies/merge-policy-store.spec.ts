import type { Tenant } from '@tessera/contracts';
import {
  bornPolicySettings,
  MOST_POLICIES,
  withChangedPolicy,
  withNewPolicy,
  withoutPolicy,
  type MergePolicy,
  type PolicyChange,
  type PolicySettings,
} from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { MergePolicyStore } from './merge-policy-store.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const store = new MergePolicyStore(database);

let sandboxes = 0;
const newTenant = (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(sandboxes += 1)}` });
const policiesOf = async (tenant: Tenant): Promise<readonly MergePolicy[]> => (await store.findMany([tenant]))[0] ?? [];
const settings = (overrides: Partial<PolicySettings> = {}): PolicySettings => ({
  ...bornPolicySettings,
  name: 'Loyalty first',
  default: false,
  ...overrides,
});
const add = (tenant: Tenant, id: string, overrides?: Partial<PolicySettings>): Promise<PolicyChange> =>
  store.change(tenant, (policies) => withNewPolicy(policies, tenant, settings(overrides), { id, updateEpoch: 5 }));

beforeAll(() => ensureIndexes(database));

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('merge policies', () => {
  it('gives a sandbox one born policy however many ask first', async () => {
    const tenant = newTenant();
    const asked = await Promise.all(Array.from({ length: 20 }, () => policiesOf(tenant)));
    const [first] = asked[0] ?? [];
    expect(first).toMatchObject({ name: 'Default Timebased', version: 1, default: true, tenant });
    for (const policies of asked) expect(policies).toEqual([first]);
  });

  it('reads the policies of many sandboxes at once, each sandbox its own', async () => {
    const [one, other] = [newTenant(), newTenant()];
    await add(one, 'a');
    const [ofOne, ofOther, ofOneAgain] = await store.findMany([one, other, one]);
    expect(ofOne?.map(({ name: policyName }) => policyName)).toEqual(['Default Timebased', 'Loyalty first']);
    expect(ofOther?.map(({ name: policyName }) => policyName)).toEqual(['Default Timebased']);
    expect(ofOneAgain).toEqual(ofOne);
    expect(ofOther?.[0]?.id).not.toBe(ofOne?.[0]?.id);
  });

  it('keeps every version that was replaced, and those of a removed policy', async () => {
    const tenant = newTenant();
    await add(tenant, 'a');
    for (let version = 1; version <= 3; version += 1) {
      await store.change(tenant, (policies) =>
        withChangedPolicy(policies, version, settings({ name: `name ${version + 1}` }), { id: 'a', updateEpoch: 6 }),
      );
    }
    await store.change(tenant, (policies) => withoutPolicy(policies, 'a'));
    const names = await Promise.all([1, 2, 3, 4, 5].map((version) => store.findOlder(tenant, 'a', version)));
    expect(names.map((policy) => policy?.name)).toEqual(['Loyalty first', 'name 2', 'name 3', 'name 4', undefined]);
    expect(await store.findOlder(newTenant(), 'a', 1)).toBeUndefined();
  });

  it('lets one of many concurrent changes of the same version win', async () => {
    const tenant = newTenant();
    await add(tenant, 'a');
    const changes = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store.change(tenant, (policies) =>
          withChangedPolicy(policies, 1, settings({ name: `name ${index}` }), { id: 'a', updateEpoch: 6 }),
        ),
      ),
    );
    const won = changes.filter((change) => change.kind === 'changed');
    expect(won).toHaveLength(1);
    expect(changes.filter((change) => change.kind === 'refused' && change.reason === 'changed-meanwhile')).toHaveLength(
      29,
    );
    expect((await policiesOf(tenant)).find(({ id }) => id === 'a')).toEqual(
      won[0]?.kind === 'changed' && won[0].policy,
    );
  });

  it('always shows exactly one default and one policy on edge while both move between policies', async () => {
    const tenant = newTenant();
    await Promise.all(['a', 'b', 'c'].map((id) => add(tenant, id, { isActiveOnEdge: true, default: true })));
    let isMoving = true;
    const watch = async (): Promise<void> => {
      while (isMoving) {
        const policies = await policiesOf(tenant);
        expect(policies.filter((policy) => policy.default)).toHaveLength(1);
        expect(policies.filter((policy) => policy.isActiveOnEdge)).toHaveLength(1);
      }
    };
    const move = async (id: string): Promise<void> => {
      for (let round = 0; round < 15; round += 1) {
        await store.change(tenant, (policies) => {
          const version = policies.find((policy) => policy.id === id)?.version ?? 0;
          return withChangedPolicy(policies, version, settings({ isActiveOnEdge: true, default: true }), {
            id,
            updateEpoch: 7,
          });
        });
      }
    };
    const watched = watch();
    await Promise.all(['a', 'b', 'c'].map(move)).finally(() => (isMoving = false));
    await watched;
  });

  it(`holds ${MOST_POLICIES} policies and no more, however many are added at once`, async () => {
    const tenant = newTenant();
    const added = await Promise.all(Array.from({ length: 70 }, (_, index) => add(tenant, `policy-${index}`)));
    expect(added.filter(({ kind }) => kind === 'changed')).toHaveLength(MOST_POLICIES - 1);
    expect(added.filter((change) => change.kind === 'refused' && change.reason === 'too-many-policies')).toHaveLength(
      21,
    );
    expect(await policiesOf(tenant)).toHaveLength(MOST_POLICIES);
  });
});
