import type { MergePolicy } from '@tessera/domain';
import type { Sandbox } from '@tessera/http';

/** A policy as answers show it (spec 05-merge-policies). */
export function policyAnswer({ tenant, ...policy }: MergePolicy, sandbox: Sandbox) {
  const {
    id,
    name,
    schema,
    version,
    identityGraph,
    attributeMerge,
    isActiveOnEdge,
    default: isDefault,
    updateEpoch,
  } = policy;
  return {
    id,
    name,
    imsOrgId: tenant.organisation,
    sandbox: { sandboxId: sandbox.id, sandboxName: sandbox.name, type: sandbox.type, default: sandbox.isDefault },
    schema,
    version,
    identityGraph,
    attributeMerge,
    isActiveOnEdge,
    default: isDefault,
    updateEpoch,
  };
}
