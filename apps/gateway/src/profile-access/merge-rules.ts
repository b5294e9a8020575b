import type { AttributeMerge, IdentityGraphType, MergePolicy } from '@tessera/domain';
import { problem } from '@tessera/http';

/** How fragments are merged: a policy, or nothing but the identity's own fragments where the schema has no default. */
export interface MergeRules {
  /** Absent for rules that no policy of the sandbox states. */
  readonly policyId?: string;
  readonly graph: IdentityGraphType;
  readonly attributeMerge: AttributeMerge;
}

/** Where no policy is named and no default set (spec 05-merge-policies, "Rules"): no stitching, the newest wins. */
const withoutPolicy: MergeRules = { graph: 'none', attributeMerge: { type: 'timestampOrdered' } };

/**
 * The rules of a policy, or of the schema's default one when none is named.
 *
 * @throws ProblemError `unknown-policy`, also for a policy of another schema.
 */
export function rulesFor(
  policies: readonly MergePolicy[],
  schemaName: string,
  policyId: string | undefined,
): MergeRules {
  const ofSchema = policies.filter(({ schema }) => schema.name === schemaName);
  if (policyId === undefined) {
    const policy = ofSchema.find((candidate) => candidate.default);
    return policy === undefined ? withoutPolicy : rulesOf(policy);
  }
  const policy = ofSchema.find(({ id }) => id === policyId);
  if (policy !== undefined) return rulesOf(policy);
  throw problem('unknown-policy', {
    detail: `The sandbox has no merge policy ${policyId.slice(0, 256)} for the schema ${schemaName}.`,
  });
}

function rulesOf({ id, identityGraph, attributeMerge }: MergePolicy): MergeRules {
  return { policyId: id, graph: identityGraph.type, attributeMerge };
}
