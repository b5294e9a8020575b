import { tenantKey, type Tenant } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';

/** What a fence is about: everything a dataset, a batch, an identity or a whole sandbox has. */
export type FenceSubject =
  | { readonly kind: 'dataset'; readonly datasetId: string }
  | { readonly kind: 'batch'; readonly batchId: string }
  | { readonly kind: 'person'; readonly xid: string }
  | { readonly kind: 'sandbox' };

/**
 * The promise that nothing of a subject comes back that was accepted up to a moment: not from the broker, not from a file,
 * not from a dead letter that is tried again. A fence is never lifted; of two on one subject the later counts.
 */
export interface DeletionFence {
  readonly subject: FenceSubject;
  /** Epoch ms; what was accepted then or before is gone. */
  readonly at: number;
}

/** A fence, as stored. */
export interface DeletionFenceDocument {
  /** {@link fenceId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly kind: FenceSubject['kind'];
  /** Id of the dataset or batch, or XID; empty for a sandbox. */
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
  /** Ids of the deletions that still remove what is before it. */
  readonly open: readonly string[];
}

/** How the fences of a sandbox stand; raised in the transaction that sets one. */
export interface FenceVersionDocument {
  /** The tenant. */
  readonly _id: string;
  readonly version: number;
  /** Whether it has had a fence of a person: only then XIDs are looked up. */
  readonly people?: true;
  /** How often identities that nothing speaks of were about to be removed; raised before anyone looks whether anything does. */
  readonly vanishings?: number;
}

/** How far deletions of a sandbox have come, told by two numbers that only grow. */
export interface FenceStanding {
  /** How often a fence was set; 0 where none ever was. */
  readonly version: number;
  /** How often identities were about to be removed. What somebody knows to be in the graph is known only as long as it stays the same. */
  readonly vanishings: number;
}

/** Everything of a sandbox, whenever it was accepted: as long as its deletion is not done. */
export const ALWAYS = Number.MAX_SAFE_INTEGER;

/** Begins with the tenant: whoever names another tenant's XID must not meet its fence. */
export function fenceId(tenant: Tenant, subject: FenceSubject): string {
  return `${tenantKey(tenant)}/${subject.kind}/${fenceKey(subject)}`;
}

export function fenceKey(subject: FenceSubject): string {
  switch (subject.kind) {
    case 'dataset':
      return subject.datasetId;
    case 'batch':
      return subject.batchId;
    case 'person':
      return subject.xid;
    case 'sandbox':
      return '';
  }
}

export const deletionFenceIndexes: readonly IndexDefinition[] = [
  { collection: 'deletion_fences', key: { tenant: 1, at: 1 } },
  {
    collection: 'deletion_fences',
    key: { tenant: 1, open: 1 },
    options: { partialFilterExpression: { 'open.0': { $exists: true } } },
  },
];
