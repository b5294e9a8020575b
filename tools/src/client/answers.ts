import type { JsonObject } from '@tessera/contracts';

/** What one lookup tells about a profile (spec 06-entities). */
export interface ProfileAnswer {
  readonly entityId: string;
  readonly sources: readonly string[];
  readonly identityGraph?: readonly string[];
  readonly entity: JsonObject & { readonly identities?: readonly IdentityAnswer[] };
  readonly lastModifiedAt: string;
}

export interface IdentityAnswer {
  readonly id: string;
  readonly namespace: { readonly code: string };
}

/** Why a profile says what it says. */
export interface ExplanationAnswer {
  readonly fields: readonly {
    /** Dotted. */
    readonly path: string;
    readonly rule: string;
    readonly winner: { readonly datasetId: string };
  }[];
}

export interface EventAnswer {
  readonly entityId: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly entity: JsonObject;
}

/** One page of one person's events. */
export interface EventsAnswer {
  readonly _page: { readonly count: number; readonly next: string };
  readonly children: readonly EventAnswer[];
}

/** Answer to a batch of streamed records: one response per message, in their order. */
export interface BatchAnswer {
  readonly inletId: string;
  readonly batchId: string;
  readonly receivedTimeMs: number;
  readonly responses: readonly {
    readonly xactionId?: string;
    readonly statusCode?: number;
    readonly message?: string;
  }[];
}

/** What became of records. `applied` = `stored` + `superseded` + `notEnabled` + `deleted`. */
export interface RecordCounts {
  readonly applied: number;
  readonly stored: number;
  readonly superseded: number;
  readonly notEnabled: number;
  readonly deleted: number;
  readonly duplicate: number;
  /** Of all these, how many were replays of dead letters. */
  readonly replayed: number;
  readonly deadLettered: number;
  readonly deadLetteredByReason: Readonly<Record<string, number>>;
}

/** Counters of a sandbox, and how many messages of each topic are not done yet. */
export interface CountersAnswer {
  readonly datasets: readonly (RecordCounts & { readonly datasetId: string })[];
  readonly totals: RecordCounts;
  readonly backlog: Readonly<Record<string, number>>;
}

/** How far every group of workers is behind, over all tenants. */
export interface LagAnswer {
  readonly groups: readonly { readonly group: string; readonly messages: number }[];
}
