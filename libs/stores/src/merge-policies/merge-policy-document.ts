import { tenantKey, type Tenant } from '@tessera/contracts';
import type { MergePolicy } from '@tessera/domain';

/** A policy as stored: its tenant is that of the document it is in. */
export type StoredPolicy = Omit<MergePolicy, 'tenant'>;

/**
 * All policies of one sandbox, in one document: there are 50 at most, and a change that moves the default from one policy
 * to another is one write, seen by readers whole or not at all.
 */
export interface PolicySetDocument {
  /** {@link tenantKey}. */
  readonly _id: string;
  readonly tenant: string;
  /** Raised by every write, which also names the one it was made from. */
  readonly revision: number;
  readonly policies: readonly StoredPolicy[];
}

/** A policy as it was before a later change. Written once, never changed. */
export interface PolicyVersionDocument {
  /** {@link policyVersionId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly policy: StoredPolicy;
}

/** Policy ids are unique across tenants, so the pair is too. */
export function policyVersionId(tenant: Tenant, policyId: string, version: number): string {
  return `${tenantKey(tenant)}/${policyId}.${version}`;
}

export function toStored({ tenant: _tenant, ...policy }: MergePolicy): StoredPolicy {
  return policy;
}

export function fromStored(tenant: Tenant, policy: StoredPolicy): MergePolicy {
  return { ...policy, tenant };
}

export function policiesOf(tenant: Tenant, set: PolicySetDocument): readonly MergePolicy[] {
  return set.policies.map((policy) => fromStored(tenant, policy));
}
