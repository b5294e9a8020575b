import type { JSONWebKeySet, JWK } from 'jose';

/** The `iss` of the development issuer's tokens: the same for every service, whatever address it is reached under. */
export const DEVELOPMENT_ISSUER = 'urn:tessera:development-issuer';
/** How it signs. */
export const DEVELOPMENT_ALGORITHM = 'ES256';

/**
 * The public half of the development issuer's key, as it is published.
 *
 * @param privateKey the private key as a JSON Web Key, JSON text.
 */
export function developmentKeySet(keyId: string, privateKey: string): JSONWebKeySet {
  const { kty, crv, x, y } = JSON.parse(privateKey) as Required<Pick<JWK, 'kty' | 'crv' | 'x' | 'y'>>;
  return { keys: [{ kty, crv, x, y, kid: keyId, alg: DEVELOPMENT_ALGORITHM, use: 'sig' }] };
}
