import { hash } from 'node:crypto';
import { tenantKey, type Tenant } from '@tessera/contracts';

/** Bytes of the digest that are kept: 160 bits, so that two of 10^12 identities collide with a chance below 10^-23. */
const DIGEST_BYTES = 20;

/**
 * The XID of one identity: opaque, URL-safe, 27 characters, equal for equal input, different in every sandbox
 * (spec 01-concepts). Namespace codes compare without regard to case, values exactly.
 */
export function xidOf(tenant: Tenant, namespaceCode: string, id: string): string {
  const digest = hash('sha256', `${tenantKey(tenant)}\0${namespaceCode.toLowerCase()}\0${id}`, 'buffer');
  return digest.subarray(0, DIGEST_BYTES).toString('base64url');
}

/** Whether a string has the form of an XID; whether the identity was ever seen is another question. */
export function isXid(text: string): boolean {
  return /^[A-Za-z0-9_-]{27}$/.test(text);
}
