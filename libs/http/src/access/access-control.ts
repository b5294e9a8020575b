import { UnavailableError } from '@tessera/contracts';
import type { FastifyRequest } from 'fastify';
import { problem } from '../problem/problem-error.js';
import type { Caller, InletLookup, RouteRules, Sandbox, SandboxLookup, Scope } from './access.js';
import type { Grant, TokenVerifier } from './token-verifier.js';

export interface AccessControlOptions {
  readonly verifier: TokenVerifier;
  readonly sandboxes: SandboxLookup;
  readonly inlets?: InletLookup;
}

/**
 * Decides, before a body is read, whether a request may go on, and leaves on it who asks and for which sandbox
 * (spec 02-conventions, "Headers"). Everything not allowed by a declaration of the route is refused.
 */
export class AccessControl {
  constructor(private readonly options: AccessControlOptions) {}

  /** @throws ProblemError 401, 403 or 404. */
  async admit(request: FastifyRequest, rules: RouteRules | undefined): Promise<void> {
    const access = rules?.access;
    if (access === undefined) {
      throw problem('operation-closed', { detail: 'This operation declares no scope, so nobody may call it.' });
    }
    if (access === 'public') return;
    if (access === 'inlet') return this.admitToInlet(request);
    try {
      await this.admitWithScope(request, access, rules?.sandbox ?? true);
    } catch (error) {
      if (!rules?.passedOn || !(error instanceof UnavailableError)) throw error;
    }
  }

  /**
   * What a token grants, where it comes another way than in the headers of a call.
   *
   * @throws ProblemError 401 for a token that is none, 403 for one without the scope.
   */
  async grantOf(token: string, scope: Scope): Promise<Grant> {
    const grant = await this.options.verifier.verify(token);
    requireScope(grant, scope);
    return grant;
  }

  private async admitWithScope(request: FastifyRequest, scope: Scope, needsSandbox: boolean): Promise<void> {
    const grant = await this.grantOfCall(request);
    const organisation = headerOf(request, 'x-gw-ims-org-id');
    if (headerOf(request, 'x-api-key') !== grant.clientId) {
      throw problem('api-key-mismatch', { detail: 'The header x-api-key must be the client id of the access token.' });
    }
    if (organisation === undefined || !grant.organisations.has(organisation)) {
      throw problem('organisation-not-granted', {
        detail: 'The header x-gw-ims-org-id must be an organisation that the access token grants.',
      });
    }
    requireScope(grant, scope);
    const caller: Caller = { clientId: grant.clientId, organisation, scopes: grant.scopes, requestId: request.id };
    request.caller = caller;
    request.logFields = { organisation };
    if (!needsSandbox) return;
    const sandbox = await this.sandboxOf(request, organisation);
    request.requester = { ...caller, sandbox, tenant: { organisation, sandbox: sandbox.name } };
    request.logFields = { organisation, sandbox: sandbox.name };
  }

  private async admitToInlet(request: FastifyRequest): Promise<void> {
    const { inletId } = request.params as { readonly inletId: string };
    const inlet = await this.options.inlets?.findByInlet(inletId);
    if (inlet === undefined) {
      throw problem('unknown-inlet', { detail: 'No streaming connection has this inlet; see its inletUrl.' });
    }
    if (inlet.authenticationRequired) {
      const grant = await this.grantOfCall(request);
      requireScope(grant, 'ingest');
      if (!grant.organisations.has(inlet.tenant.organisation)) {
        throw problem('organisation-not-granted', {
          detail: 'The access token does not grant the organisation this inlet belongs to.',
        });
      }
    }
    request.inlet = inlet;
    request.logFields = { ...inlet.tenant };
  }

  private async grantOfCall(request: FastifyRequest): Promise<Grant> {
    const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) {
      throw problem('missing-token', {
        detail: 'Send the header Authorization: Bearer <access token>.',
        headers: { 'www-authenticate': 'Bearer realm="tessera"' },
      });
    }
    return this.options.verifier.verify(token);
  }

  private async sandboxOf(request: FastifyRequest, organisation: string): Promise<Sandbox> {
    const name = headerOf(request, 'x-sandbox-name');
    const id = headerOf(request, 'x-sandbox-id');
    if (name === undefined && id === undefined) {
      throw problem('missing-header', {
        detail: 'Send the header x-sandbox-name, the name of the sandbox to work in.',
      });
    }
    const sandbox = await this.options.sandboxes.find(organisation, name === undefined ? { id: id ?? '' } : { name });
    if (sandbox === undefined || (id !== undefined && sandbox.id !== id)) {
      const named = name ?? id ?? '';
      throw problem('unknown-sandbox', { detail: `The organisation has no sandbox "${named.slice(0, 256)}".` });
    }
    return sandbox;
  }
}

function requireScope(grant: Grant, scope: Scope): void {
  if (grant.scopes.has(scope)) return;
  throw problem('scope-missing', {
    detail: `This operation needs the scope ${scope}, which the access token does not hold.`,
    headers: { 'www-authenticate': `Bearer realm="tessera", error="insufficient_scope", scope="${scope}"` },
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
