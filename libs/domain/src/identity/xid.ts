import { hash } from 'node:crypto';
import { tenantKey, type Tenant } from '@tessera/contracts';

/**
 * Characters of the digest in base64url that make an XID: 20 bytes, so that two of 10^12 identities collide with a chance
 * below 10^-23. The last of them ends within a character, whose other bits are zero.
 */
const WHOLE_CHARACTERS = 26;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const withoutLastBits = new Map([...ALPHABET].map((character, value) => [character, ALPHABET.charAt(value & ~0b11)]));

/**
 * The XID of one identity: opaque, URL-safe, 27 characters, equal for equal input, different in every sandbox
 * (spec 01-concepts). Namespace codes compare without regard to case, values exactly.
 */
export function xidOf(tenant: Tenant, namespaceCode: string, id: string): string {
  const digest = hash('sha256', `${tenantKey(tenant)}\0${namespaceCode.toLowerCase()}\0${id}`, 'base64url');
  return `${digest.slice(0, WHOLE_CHARACTERS)}${withoutLastBits.get(digest.charAt(WHOLE_CHARACTERS)) ?? ''}`;
}

/** Whether a string has the form of an XID; whether the identity was ever seen is another question. */
export function isXid(text: string): boolean {
  return /^[A-Za-z0-9_-]{27}$/.test(text);
}
