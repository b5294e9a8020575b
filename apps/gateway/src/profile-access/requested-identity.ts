import type { Tenant } from '@tessera/contracts';
import { isXid, xidOf } from '@tessera/domain';
import { problem } from '@tessera/http';

/** An identity as a client names it: by value and namespace code, or by XID. */
export interface RequestedIdentity {
  readonly entityId: string;
  /** Absent: `entityId` is an XID. */
  readonly namespaceCode?: string;
}

/** @throws ProblemError `invalid-parameter` for something that is neither. */
export function requestedXid(tenant: Tenant, { entityId, namespaceCode }: RequestedIdentity): string {
  if (namespaceCode !== undefined) return xidOf(tenant, namespaceCode, entityId);
  if (isXid(entityId)) return entityId;
  const message = 'is no XID; with a value of a namespace, send entityIdNS as well';
  throw problem('invalid-parameter', {
    detail: `The parameter entityId ${message}.`,
    errors: [{ path: '/entityId', message }],
  });
}
