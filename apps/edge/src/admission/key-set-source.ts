import { DEVELOPMENT_ISSUER, developmentKeySet, fetchIssuerKeys } from '@tessera/http';
import type { EdgeConfiguration } from '@tessera/config';
import type { IssuerKeyStore } from '@tessera/stores';
import type { JSONWebKeySet } from 'jose';
import type { SourceValue } from './held-values.js';

/** Who signs the tokens, and where the keys to verify them are. */
export interface Issuer {
  readonly issuer: string;
  readonly read: () => Promise<SourceValue<JSONWebKeySet> | undefined>;
}

export function issuerOf(configuration: EdgeConfiguration, store: IssuerKeyStore): Issuer {
  const { ISSUER, OIDC_ISSUER_URL: issuer, OIDC_JWKS_URL: jwksUrl } = configuration;
  if (ISSUER === 'development') return { issuer: DEVELOPMENT_ISSUER, read: () => readDevelopmentKeys(store) };
  if (issuer === undefined) throw new Error('OIDC_ISSUER_URL is required while ISSUER=oidc');
  return {
    issuer,
    read: async () => {
      const version = Date.now();
      return { value: await fetchIssuerKeys(issuer, jwksUrl), version };
    },
  };
}

/** Undefined until a gateway has made the key. */
async function readDevelopmentKeys(store: IssuerKeyStore): Promise<SourceValue<JSONWebKeySet> | undefined> {
  const version = Date.now();
  const key = await store.find();
  return key === undefined ? undefined : { value: developmentKeySet(key.keyId, key.privateKey), version };
}
