/**
 * The tenancy of every row, key, message, job and cache entry (spec 01-concepts). Nothing crosses it, so every store
 * method and every message takes one.
 */
export interface Tenant {
  readonly organisation: string;
  readonly sandbox: string;
}

/** The sandbox that every organisation is born with (spec 02-conventions, "Sandboxes"). */
export const DEFAULT_SANDBOX = 'prod';

/**
 * One tenant as one string, used as a field and as a key prefix.
 * Injective: neither part can contain `/` (organisation ids and sandbox names are checked at the door).
 */
export function tenantKey(tenant: Tenant): string {
  return `${tenant.organisation}/${tenant.sandbox}`;
}

/** The tenant that {@link tenantKey} made a string of. */
export function tenantOfKey(key: string): Tenant {
  const [organisation = '', sandbox = ''] = key.split('/');
  return { organisation, sandbox };
}
