import type { Identity, ProfileChange } from '@tessera/contracts';
import type { LinkEvidence } from '@tessera/domain';
import type { IndexDefinition } from '../indexes.js';

/**
 * One identity and the person it belongs to. Holds the whole cluster, so that a lookup is one read, and a reader of one
 * document sees a merge or split either done or not begun.
 */
export interface IdentityDocument {
  /** The XID. */
  readonly _id: string;
  readonly tenant: string;
  /** Lower-case code. */
  readonly namespace: string;
  readonly id: string;
  /** The smallest XID among `members`. A member with another XID is no cluster's id. */
  readonly clusterId: string;
  /** Everyone in the cluster, this identity included, by XID. */
  readonly members: readonly Identity[];
  /** The {@link ComponentDocument} it belongs to; its own XID when nothing links it. */
  readonly componentId: string;
  /** As in the component; false when nothing links it. */
  readonly contested: boolean;
  /** Somebody is looking whether anything still speaks of it, to remove it otherwise; whoever speaks of it unsets this. */
  readonly vanishing?: true;
}

/**
 * Two or more identities that links connect, links that a rule left out included. Whoever changes anything about a
 * component or its links' existence writes this document, so that two who do it at once conflict.
 */
export interface ComponentDocument {
  /** The smallest XID among `members`. */
  readonly _id: string;
  readonly tenant: string;
  /** XIDs, sorted. */
  readonly members: readonly string[];
  /** Whether the limit or a linking rule bites: only then the ages of its links matter, and it may be several clusters. */
  readonly contested: boolean;
  /** Version of the identity settings under which it was last resolved. */
  readonly rules: number;
  /** Counts writes. */
  readonly version: number;
}

/** Two identities that some evidence says belong together. Without evidence there is no link. */
export interface LinkDocument {
  /** `linkId` of its ends. */
  readonly _id: string;
  readonly tenant: string;
  /** The smaller XID. */
  readonly a: string;
  readonly b: string;
  /** By `evidenceKey`. */
  readonly evidence: Readonly<Record<string, LinkEvidence>>;
  /** Counts the times its component became contested, to conflict with refreshes that did not know. */
  readonly contests?: number;
}

/** What a transaction changed, until somebody has announced it. */
export interface AnnouncementDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  readonly at: Date;
  readonly changes: readonly ProfileChange[];
}

export const identityGraphIndexes: readonly IndexDefinition[] = [
  // XIDs of all tenants lie mixed: without it a scan of one tenant's people in their order would read everybody's.
  { collection: 'identities', key: { tenant: 1, _id: 1 } },
  { collection: 'links', key: { tenant: 1, a: 1 } },
  { collection: 'components', key: { tenant: 1, rules: 1 } },
];
