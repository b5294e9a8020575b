import { hash, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { DevelopmentClient } from '@tessera/config';
import { DEVELOPMENT_ALGORITHM, DEVELOPMENT_ISSUER, developmentKeySet, type Scope } from '@tessera/http';
import type { IssuerKey, IssuerKeyStore } from '@tessera/stores';

export interface DevelopmentIssuerOptions {
  readonly store: IssuerKeyStore;
  readonly clients: readonly DevelopmentClient[];
  readonly audience: string;
  /** Seconds until a token expires. */
  readonly lifetime: number;
  readonly organisationsClaim: string;
  readonly clientClaim: string;
}

interface Keys {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  /** The public keys, as published and as the token verifier asks for them. */
  readonly keySet: { readonly keys: JWK[] };
  readonly find: JWTVerifyGetKey;
}

/**
 * Signs access tokens for the clients it was configured with. For development only: its configuration refuses to load with
 * NODE_ENV=production, where an OIDC issuer takes its place.
 */
export class DevelopmentIssuer {
  private loading: Promise<Keys> | undefined;

  constructor(private readonly options: DevelopmentIssuerOptions) {}

  /** The client with these credentials; `undefined` for an unknown id as for a wrong secret. */
  authenticate(clientId: string, clientSecret: string): DevelopmentClient | undefined {
    return this.options.clients.find(
      (client) => client.clientId === clientId && isSameSecret(client.clientSecret, clientSecret),
    );
  }

  /** @throws UnavailableError while the key cannot be read. */
  async issue(client: DevelopmentClient, scopes: readonly Scope[]): Promise<{ token: string; lifetime: number }> {
    const { audience, lifetime, organisationsClaim, clientClaim } = this.options;
    const { privateKey, keyId } = await this.keys();
    const claims = {
      [clientClaim]: client.clientId,
      [organisationsClaim]: client.organisations,
      scope: scopes.join(' '),
    };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: DEVELOPMENT_ALGORITHM, kid: keyId, typ: 'JWT' })
      .setIssuer(DEVELOPMENT_ISSUER)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetime}s`)
      .setJti(randomUUID())
      .sign(privateKey);
    return { token, lifetime };
  }

  /** Its public keys as a JSON Web Key Set (RFC 7517 §5). */
  async keySet(): Promise<{ readonly keys: JWK[] }> {
    return (await this.keys()).keySet;
  }

  /** The keys as the token verifier asks for them. */
  readonly verificationKeys: JWTVerifyGetKey = async (header, token) => (await this.keys()).find(header, token);

  private keys(): Promise<Keys> {
    this.loading ??= this.loadKeys().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    return this.loading;
  }

  private async loadKeys(): Promise<Keys> {
    const { store } = this.options;
    const { keyId, privateKey } = (await store.find()) ?? (await store.findOrKeep(await newKey()));
    const keySet = developmentKeySet(keyId, privateKey);
    return {
      keyId,
      privateKey: (await importJWK(JSON.parse(privateKey) as JWK, DEVELOPMENT_ALGORITHM)) as CryptoKey,
      keySet,
      find: createLocalJWKSet(keySet),
    };
  }
}

async function newKey(): Promise<IssuerKey> {
  const { privateKey } = await generateKeyPair(DEVELOPMENT_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { keyId: await calculateJwkThumbprint(jwk), privateKey: JSON.stringify(jwk) };
}

/** Compares in a time that does not depend on how much of the secret is right. */
function isSameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(hash('sha256', expected, 'buffer'), hash('sha256', given, 'buffer'));
}
