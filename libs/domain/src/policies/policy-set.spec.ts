import fc from 'fast-check';
import type { MergePolicy } from '../merge/merge-policy.js';
import {
  bornPolicySettings,
  MOST_POLICIES,
  withChangedPolicy,
  withNewPolicy,
  withoutPolicy,
  type PolicyChange,
  type PolicySettings,
} from './policy-set.js';

const tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const schemas = ['_xdm.context.profile', '_xdm.context.account'];

type Step =
  | { readonly kind: 'add' | 'change'; readonly id: number; readonly settings: PolicySettings; readonly stale: boolean }
  | { readonly kind: 'remove'; readonly id: number };

const settings: fc.Arbitrary<PolicySettings> = fc.record({
  name: fc.constantFrom('one', 'other'),
  schema: fc.constantFrom(...schemas).map((name) => ({ name })),
  identityGraph: fc.constant({ type: 'pdg' as const }),
  attributeMerge: fc.constant({ type: 'timestampOrdered' as const }),
  isActiveOnEdge: fc.boolean(),
  default: fc.boolean(),
});
const id = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('add' as const, 'change' as const), id, settings, stale: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), id }),
);

function apply(policies: readonly MergePolicy[], made: number, taken: Step): PolicyChange {
  const chosen = policies[taken.id % Math.max(policies.length, 1)];
  const known = chosen?.id ?? 'none';
  if (taken.kind === 'remove') return withoutPolicy(policies, known);
  const updateEpoch = made;
  if (taken.kind === 'add') return withNewPolicy(policies, tenant, taken.settings, { id: `p${made}`, updateEpoch });
  const version = (chosen?.version ?? 1) - (taken.stale ? 1 : 0);
  return withChangedPolicy(policies, version, taken.settings, { id: known, updateEpoch });
}

describe('the merge policies of a sandbox', () => {
  it('have one default per schema and one policy on edge at most, and a version more for every change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let policies: readonly MergePolicy[] = [];
        steps.forEach((taken, made) => {
          const change = apply(policies, made, taken);
          if (change.kind === 'refused') return;
          const before = new Map(policies.map((policy) => [policy.id, policy]));
          policies = change.policies;
          for (const name of schemas) {
            const defaults = policies.filter((policy) => policy.default && policy.schema.name === name);
            expect(defaults.length).toBeLessThanOrEqual(1);
          }
          expect(policies.filter(({ isActiveOnEdge }) => isActiveOnEdge).length).toBeLessThanOrEqual(1);
          expect(new Set(policies.map((policy) => policy.id)).size).toBe(policies.length);
          for (const policy of policies) {
            const old = before.get(policy.id);
            // The very same object, or a version that follows.
            if (old !== policy) expect(policy).toMatchObject({ version: (old?.version ?? 0) + 1, updateEpoch: made });
          }
        });
      }),
    );
  });

  it('give up nothing but the default and the edge to another policy', () => {
    const first = withNewPolicy(
      [],
      tenant,
      { ...bornPolicySettings, isActiveOnEdge: true },
      { id: 'a', updateEpoch: 1 },
    );
    if (first.kind === 'refused') throw new Error(first.reason);
    const second = withNewPolicy(first.policies, tenant, bornPolicySettings, { id: 'b', updateEpoch: 2 });
    expect(second).toMatchObject({
      policies: [
        { ...first.policy, default: false, isActiveOnEdge: true, version: 2, updateEpoch: 2 },
        { id: 'b', default: true, version: 1 },
      ],
    });
  });

  it('refuse a change made from another version, and one of a policy that is not there', () => {
    const added = withNewPolicy([], tenant, bornPolicySettings, { id: 'a', updateEpoch: 1 });
    if (added.kind === 'refused') throw new Error(added.reason);
    const change = (version: number, changed: string): PolicyChange =>
      withChangedPolicy(added.policies, version, bornPolicySettings, { id: changed, updateEpoch: 2 });
    expect(change(0, 'a')).toEqual({ kind: 'refused', reason: 'changed-meanwhile' });
    expect(change(1, 'b')).toEqual({ kind: 'refused', reason: 'unknown-policy' });
    expect(change(1, 'a')).toMatchObject({ kind: 'changed', policy: { version: 2 } });
  });

  it('keep one that is the default or active on edge', () => {
    const added = withNewPolicy([], tenant, bornPolicySettings, { id: 'a', updateEpoch: 1 });
    if (added.kind === 'refused') throw new Error(added.reason);
    expect(withoutPolicy(added.policies, 'a')).toEqual({ kind: 'refused', reason: 'only-default' });
    const onEdge = added.policies.map((policy) => ({ ...policy, default: false, isActiveOnEdge: true }));
    expect(withoutPolicy(onEdge, 'a')).toEqual({ kind: 'refused', reason: 'active-on-edge' });
    const free = added.policies.map((policy) => ({ ...policy, default: false }));
    expect(withoutPolicy(free, 'a')).toMatchObject({ kind: 'changed', policies: [] });
  });

  it(`are ${MOST_POLICIES} at most`, () => {
    let policies: readonly MergePolicy[] = [];
    for (let made = 0; made < MOST_POLICIES; made += 1) {
      const change = withNewPolicy(policies, tenant, bornPolicySettings, { id: `p${made}`, updateEpoch: 1 });
      if (change.kind === 'changed') policies = change.policies;
    }
    expect(policies).toHaveLength(MOST_POLICIES);
    const oneMore = withNewPolicy(policies, tenant, bornPolicySettings, { id: 'more', updateEpoch: 1 });
    expect(oneMore).toEqual({ kind: 'refused', reason: 'too-many-policies' });
  });
});
