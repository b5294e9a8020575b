import type { Tenant } from '@tessera/contracts';
import type { MergePolicy } from '../merge/merge-policy.js';

/** Policies a sandbox may have (spec 05-merge-policies, "Rules"). */
export const MOST_POLICIES = 50;

/** What a user decides about a policy; the rest is the platform's. */
export type PolicySettings = Pick<
  MergePolicy,
  'name' | 'schema' | 'identityGraph' | 'attributeMerge' | 'isActiveOnEdge' | 'default'
>;

/** What the platform gives a change: the id of a new policy, and when it happens in epoch seconds. */
export interface ChangeStamp {
  readonly id: string;
  readonly updateEpoch: number;
}

export type PolicyRefusal =
  | 'unknown-policy'
  /** Somebody else changed the policy after it was read. */
  | 'changed-meanwhile'
  | 'too-many-policies'
  | 'active-on-edge'
  | 'only-default';

/** All policies of a sandbox after a change, and the one it was about as it is after the change, or was before removal. */
export type PolicyChange =
  | { readonly kind: 'changed'; readonly policies: readonly MergePolicy[]; readonly policy: MergePolicy }
  | { readonly kind: 'refused'; readonly reason: PolicyRefusal };

/** The policy every sandbox is born with (spec 05-merge-policies, "Rules"). */
export const bornPolicySettings: PolicySettings = {
  name: 'Default Timebased',
  schema: { name: '_xdm.context.profile' },
  identityGraph: { type: 'pdg' },
  attributeMerge: { type: 'timestampOrdered' },
  isActiveOnEdge: false,
  default: true,
};

export function withNewPolicy(
  policies: readonly MergePolicy[],
  tenant: Tenant,
  settings: PolicySettings,
  { id, updateEpoch }: ChangeStamp,
): PolicyChange {
  if (policies.length >= MOST_POLICIES) return { kind: 'refused', reason: 'too-many-policies' };
  const policy: MergePolicy = { id, tenant, version: 1, updateEpoch, ...settings };
  return { kind: 'changed', policies: [...withoutRivals(policies, policy), policy], policy };
}

/**
 * @param version of the policy that the change was made from: the change is refused when that is no longer the current
 *   one, so that of concurrent changes one wins.
 */
export function withChangedPolicy(
  policies: readonly MergePolicy[],
  version: number,
  settings: PolicySettings,
  { id, updateEpoch }: ChangeStamp,
): PolicyChange {
  const current = policies.find((policy) => policy.id === id);
  if (current === undefined) return { kind: 'refused', reason: 'unknown-policy' };
  if (current.version !== version) return { kind: 'refused', reason: 'changed-meanwhile' };
  const policy: MergePolicy = { id, tenant: current.tenant, version: version + 1, updateEpoch, ...settings };
  const others = withoutRivals(
    policies.filter((other) => other !== current),
    policy,
  );
  return { kind: 'changed', policies: [...others, policy], policy };
}

/** Refused while the policy is in use: active on edge, or its schema's default, which is the only one there is. */
export function withoutPolicy(policies: readonly MergePolicy[], id: string): PolicyChange {
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy === undefined) return { kind: 'refused', reason: 'unknown-policy' };
  if (policy.isActiveOnEdge) return { kind: 'refused', reason: 'active-on-edge' };
  if (policy.default) return { kind: 'refused', reason: 'only-default' };
  return { kind: 'changed', policies: policies.filter((other) => other !== policy), policy };
}

/** A policy that becomes the default, or active on edge, takes that from the one that was: a change of that one too. */
function withoutRivals(others: readonly MergePolicy[], policy: MergePolicy): readonly MergePolicy[] {
  return others.map((other) => {
    const losesDefault = policy.default && other.default && other.schema.name === policy.schema.name;
    const losesEdge = policy.isActiveOnEdge && other.isActiveOnEdge;
    if (!losesDefault && !losesEdge) return other;
    return {
      ...other,
      default: other.default && !losesDefault,
      isActiveOnEdge: other.isActiveOnEdge && !losesEdge,
      version: other.version + 1,
      updateEpoch: policy.updateEpoch,
    };
  });
}
