import type { AttributeMerge, IdentityGraphType, MergePolicy } from './merge-policy.js';

/** How fragments are merged: a policy, or nothing but the identity's own fragments where the schema has no default. */
export interface MergeRules {
  /** Absent for rules that no policy of the sandbox states. */
  readonly policyId?: string;
  readonly graph: IdentityGraphType;
  readonly attributeMerge: AttributeMerge;
}

type StatedPolicy = Pick<MergePolicy, 'schema' | 'identityGraph' | 'attributeMerge' | 'default' | 'isActiveOnEdge'> &
  Partial<Pick<MergePolicy, 'id'>>;

/** Where no policy is named and no default set (spec 05-merge-policies, "Rules"): no stitching, the newest wins. */
const withoutPolicy: MergeRules = { graph: 'none', attributeMerge: { type: 'timestampOrdered' } };

/** The rules that a policy states. */
export function rulesOf({ id, identityGraph, attributeMerge }: StatedPolicy): MergeRules {
  return { ...(id !== undefined && { policyId: id }), graph: identityGraph.type, attributeMerge };
}

/** The rules of a schema where no policy is named. */
export function defaultRules(policies: readonly StatedPolicy[], schemaName: string): MergeRules {
  const policy = policies.find((candidate) => candidate.default && candidate.schema.name === schemaName);
  return policy === undefined ? withoutPolicy : rulesOf(policy);
}

/**
 * The rules by which edges hold a schema: the policy active on edge, of which a sandbox has one at most. Where it is of
 * another schema, or there is none, what a lookup that names no policy would use.
 */
export function edgeRules(policies: readonly StatedPolicy[], schemaName: string): MergeRules {
  const active = policies.find((candidate) => candidate.isActiveOnEdge && candidate.schema.name === schemaName);
  return active === undefined ? defaultRules(policies, schemaName) : rulesOf(active);
}
