import type { IdentityGraphType } from './merge-policy.js';

/**
 * The XIDs whose fragments and events a policy looks at (spec 05-merge-policies, "Scope").
 *
 * @param members XIDs of the requested identity's cluster, itself included.
 */
export function xidsInScope(
  graph: IdentityGraphType,
  requested: string,
  members: readonly string[],
): readonly string[] {
  return graph === 'none' ? [requested] : members;
}
