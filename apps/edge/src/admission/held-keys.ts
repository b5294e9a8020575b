import { UnavailableError } from '@tessera/contracts';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { HeldValues } from './held-values.js';

const KEY = 'issuer';

/** The issuer's keys as the token verifier asks for them, out of what is held; looked for again when a token names another. */
export function heldKeys(values: HeldValues<JSONWebKeySet>): JWTVerifyGetKey {
  const find: JWTVerifyGetKey = async (header, token) => {
    const keySet = await values.find(KEY);
    if (keySet === undefined) throw new UnavailableError('issuer', new Error('it has no keys yet'));
    return createLocalJWKSet(keySet)(header, token);
  };
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await values.recheck(KEY);
      return find(header, token);
    }
  };
}
