import { UnavailableError } from '@tessera/contracts';
import { createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Milliseconds an issuer has to answer; the request that waits for its keys waits as long. */
const ISSUER_TIMEOUT_MS = 2_000;

/**
 * Public keys of an OIDC issuer: its key set, found by its discovery document (OpenID Connect Discovery 1.0 §4) unless
 * given. Fetched at first use, kept, and fetched again when a token names a key that is not among them.
 */
export function issuerKeys(issuer: string, jwksUrl?: string): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const load = async (): Promise<JWTVerifyGetKey> =>
    createRemoteJWKSet(new URL(jwksUrl ?? (await discoverJwksUrl(issuer))), { timeoutDuration: ISSUER_TIMEOUT_MS });
  return async (header, token) => {
    keys ??= load().catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return (await keys)(header, token);
  };
}

/**
 * The key set of an OIDC issuer as it is now, for a service that keeps it itself.
 *
 * @throws UnavailableError `issuer` when it cannot be had.
 */
export async function fetchIssuerKeys(issuer: string, jwksUrl?: string): Promise<JSONWebKeySet> {
  try {
    const url = jwksUrl ?? (await discoverJwksUrl(issuer));
    const answer = await fetch(url, { signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`the issuer's key set answered ${answer.status}`);
    const keySet = (await answer.json()) as Partial<JSONWebKeySet>;
    if (!Array.isArray(keySet.keys)) throw new Error("the issuer's key set has no keys");
    return { keys: keySet.keys };
  } catch (error) {
    throw new UnavailableError('issuer', error);
  }
}

async function discoverJwksUrl(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`the issuer's discovery document answered ${answer.status}`);
  const document = (await answer.json()) as { jwks_uri?: unknown };
  if (typeof document.jwks_uri !== 'string') throw new Error("the issuer's discovery document names no jwks_uri");
  return document.jwks_uri;
}
