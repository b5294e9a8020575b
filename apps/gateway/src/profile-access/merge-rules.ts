import { defaultRules, rulesOf, type MergePolicy, type MergeRules } from '@tessera/domain';
import { problem } from '@tessera/http';

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
  if (policyId === undefined) return defaultRules(policies, schemaName);
  const policy = policies.find(({ id, schema }) => id === policyId && schema.name === schemaName);
  if (policy !== undefined) return rulesOf(policy);
  throw problem('unknown-policy', {
    detail: `The sandbox has no merge policy ${policyId.slice(0, 256)} for the schema ${schemaName}.`,
  });
}
