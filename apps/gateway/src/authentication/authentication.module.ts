import { Module, type DynamicModule } from '@nestjs/common';
import type { GatewayConfiguration } from '@tessera/config';
import {
  AccessControl,
  DEVELOPMENT_ISSUER,
  issuerKeys,
  TokenVerifier,
  type InletLookup,
  type SandboxLookup,
} from '@tessera/http';
import type { IssuerKeyStore } from '@tessera/stores';
import { DevelopmentIssuer } from './development-issuer.js';
import { TokenController } from './token.controller.js';

export interface AuthenticationParts {
  readonly configuration: GatewayConfiguration;
  readonly issuerKeys: IssuerKeyStore;
  readonly sandboxes: SandboxLookup;
  readonly inlets: InletLookup;
}

/** Who may call: the verifier of the configured issuer's tokens, and in development the issuer itself. */
@Module({})
export class AuthenticationModule {
  static with(parts: AuthenticationParts): DynamicModule {
    const { configuration } = parts;
    return configuration.ISSUER === 'development' ? withDevelopmentIssuer(parts) : withOidcIssuer(parts);
  }
}

function withDevelopmentIssuer(parts: AuthenticationParts): DynamicModule {
  const { configuration } = parts;
  const issuer = new DevelopmentIssuer({
    store: parts.issuerKeys,
    clients: configuration.DEVELOPMENT_CLIENTS,
    audience: configuration.TOKEN_AUDIENCE,
    lifetime: configuration.TOKEN_LIFETIME_SECONDS,
    organisationsClaim: configuration.TOKEN_ORGANISATIONS_CLAIM,
    clientClaim: configuration.TOKEN_CLIENT_CLAIM,
  });
  const verifier = verifierOf(configuration, DEVELOPMENT_ISSUER, issuer.verificationKeys);
  return {
    module: AuthenticationModule,
    controllers: [TokenController],
    providers: [
      { provide: DevelopmentIssuer, useValue: issuer },
      { provide: AccessControl, useValue: accessControl(parts, verifier) },
    ],
  };
}

function withOidcIssuer(parts: AuthenticationParts): DynamicModule {
  const { OIDC_ISSUER_URL: issuer, OIDC_JWKS_URL: jwksUrl } = parts.configuration;
  if (issuer === undefined) throw new Error('OIDC_ISSUER_URL is required while ISSUER=oidc');
  const verifier = verifierOf(parts.configuration, issuer, issuerKeys(issuer, jwksUrl));
  return {
    module: AuthenticationModule,
    providers: [{ provide: AccessControl, useValue: accessControl(parts, verifier) }],
  };
}

function verifierOf(
  configuration: GatewayConfiguration,
  issuer: string,
  keys: ReturnType<typeof issuerKeys>,
): TokenVerifier {
  return new TokenVerifier({
    keys,
    issuer,
    audience: configuration.TOKEN_AUDIENCE,
    organisationsClaim: configuration.TOKEN_ORGANISATIONS_CLAIM,
    clientClaim: configuration.TOKEN_CLIENT_CLAIM,
  });
}

function accessControl({ sandboxes, inlets }: AuthenticationParts, verifier: TokenVerifier): AccessControl {
  return new AccessControl({ verifier, sandboxes, inlets });
}
