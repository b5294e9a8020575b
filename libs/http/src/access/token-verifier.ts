import { hash } from 'node:crypto';
import { UnavailableError } from '@tessera/contracts';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { problem, type ProblemError } from '../problem/problem-error.js';
import { isScope, type Scope } from './access.js';

/** What a verified token says. */
export interface Grant {
  readonly clientId: string;
  readonly organisations: ReadonlySet<string>;
  readonly scopes: ReadonlySet<Scope>;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface TokenVerifierOptions {
  /** The issuer's public keys. */
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  /** Claim that lists the granted organisations: an array, or one string. */
  readonly organisationsClaim: string;
  /** Claim that holds the client id. */
  readonly clientClaim: string;
  /** Verified tokens kept, so that a busy client costs one signature check, not one a request. */
  readonly cacheSize?: number;
  /** The clock, epoch ms. */
  readonly now?: () => number;
}

/** Signatures by shared secrets are left out: whoever can check such a token can also forge it. */
const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA'];
const organisationForm = /^[^/\s]{1,128}$/;

/** Verifies bearer tokens: signature, `exp`, `nbf`, `iss`, `aud` (spec 02-conventions, "Headers"). */
export class TokenVerifier {
  private readonly verified: LRUCache<string, Grant>;

  private readonly now: () => number;

  constructor(private readonly options: TokenVerifierOptions) {
    this.now = options.now ?? Date.now;
    this.verified = new LRUCache({ max: options.cacheSize ?? 10_000 });
  }

  /**
   * @param token the JWT without the word `Bearer`.
   * @throws ProblemError `invalid-token`; UnavailableError when the issuer's keys cannot be had.
   */
  async verify(token: string): Promise<Grant> {
    const key = hash('sha256', token, 'base64');
    const known = this.verified.get(key);
    if (known !== undefined && known.expiresAt > this.now() / 1000) return known;
    const grant = this.grantOf(await this.payloadOf(token));
    this.verified.set(key, grant);
    return grant;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    const { keys, issuer, audience } = this.options;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['exp'],
        currentDate: new Date(this.now()),
      });
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private grantOf(payload: JWTPayload): Grant {
    const clientId = payload[this.options.clientClaim] ?? payload['azp'];
    if (typeof clientId !== 'string' || clientId === '') throw invalid('It does not name the client it was issued to.');
    const organisations = words(payload[this.options.organisationsClaim]).filter((name) => organisationForm.test(name));
    return {
      clientId,
      organisations: new Set(organisations),
      scopes: new Set(words(payload['scope'] ?? payload['scp']).filter(isScope)),
      expiresAt: payload.exp ?? 0,
    };
  }
}

/** Words of a claim that is an array of strings, or one string with spaces or commas between. */
function words(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}

function refusalOf(error: unknown): Error {
  if (error instanceof UnavailableError) return error;
  if (error instanceof errors.JWTExpired) return invalid('It is expired; request a new one.');
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`Its claim "${error.claim}" is not the expected one.`);
  const foreign =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported;
  if (foreign) return invalid('It is not a token signed by the configured issuer.');
  return new UnavailableError('issuer', error);
}

function invalid(reason: string): ProblemError {
  return problem('invalid-token', {
    detail: `The access token is not accepted. ${reason}`,
    headers: { 'www-authenticate': 'Bearer realm="tessera", error="invalid_token"' },
  });
}
