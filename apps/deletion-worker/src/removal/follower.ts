import type { Deletion, ReceiptStore } from '@tessera/stores';
import type { RemovalContext } from './removal.js';

/**
 * Something that is derived from people's data and kept. It follows by itself what `profile.changed` says; here it is told
 * as well, and looked at, so that a receipt can say what became of it.
 */
export interface Follower {
  /** What a receipt calls it. */
  readonly store: ReceiptStore;
  /** Removes what is derived from deleted data, or makes it count as outdated. @returns how many. May be repeated. */
  remove(deletion: Deletion): Promise<number>;
  /** How many are left that are derived from deleted data and would be shown. */
  remaining(context: Pick<RemovalContext, 'deletion' | 'step'>): Promise<number>;
}
