import type { Tenant } from '@tessera/contracts';

/** What a token may be used for (spec 02-conventions, "Headers"). */
export const scopes = ['profile.read', 'profile.write', 'profile.admin', 'ingest', 'ops'] as const;
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** The sandbox as answers show it. */
export interface Sandbox {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly type: 'production' | 'development';
  readonly isDefault: boolean;
}

/** Who asks. */
export interface Caller {
  readonly clientId: string;
  readonly organisation: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly requestId: string;
}

/** Who asks, and for which sandbox. */
export interface CallerInSandbox extends Caller {
  readonly tenant: Tenant;
  readonly sandbox: Sandbox;
}

/** A streaming connection as the collection endpoints need it: the inlet fixes the tenant (spec 03-ingestion). */
export interface Inlet {
  readonly inletId: string;
  readonly connectionId: string;
  readonly tenant: Tenant;
  readonly authenticationRequired: boolean;
}

/** Finds a sandbox of an organisation by its name or its id. */
export interface SandboxLookup {
  find(organisation: string, by: { readonly name: string } | { readonly id: string }): Promise<Sandbox | undefined>;
}

/** Finds the streaming connection of an inlet. */
export interface InletLookup {
  findByInlet(inletId: string): Promise<Inlet | undefined>;
}

/** What a route declares about itself by decorators; a route that declares no access is closed. */
export interface RouteRules {
  /** `public`: anybody. `inlet`: the rules of the connection in the path's `inletId`. Otherwise a token with the scope. */
  readonly access?: 'public' | 'inlet' | Scope;
  /** `false` where the operation is about the whole organisation and needs no sandbox header. */
  readonly sandbox?: boolean;
  /** Whether another service, which admits by the same rules, is asked: it decides what cannot be decided here while a store is down. */
  readonly passedOn?: boolean;
  /** Media types of the body; `application/json` when not said. */
  readonly accepts?: readonly string[];
  /** Name of the largest body taken, out of the application's `bodyLimits`. */
  readonly bodyLimit?: string;
  /** Whether the handler reads the body itself, as it arrives, of whatever media type. */
  readonly streamsBody?: boolean;
}

export type { CallerInSandbox as Requester };
