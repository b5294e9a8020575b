import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';
import type { SnapshotRead } from '../people-scan/snapshots.js';

interface HiddenBatchesDocument {
  /** The tenant. */
  readonly _id: string;
  /** Ids of batches, sorted. */
  readonly hidden: readonly string[];
}

/** The index that every collection has: naming it creates the collection, without which nothing can be read at a snapshot. */
export const hiddenBatchIndexes: readonly IndexDefinition[] = [{ collection: 'hidden_batches', key: { _id: 1 } }];

/**
 * The batches of each sandbox whose events nobody sees: those that are to take the place of others and are not whole yet,
 * and those that were replaced or taken back and are not removed yet. One document a sandbox, so that one batch appears
 * and others vanish in a single step.
 */
export class HiddenBatches {
  private readonly collection: Collection<HiddenBatchesDocument>;

  constructor(database: Database) {
    this.collection = database.collection('hidden_batches');
  }

  /** Ids of the hidden batches; most sandboxes have none. */
  async read(tenant: Tenant, at?: SnapshotRead): Promise<readonly string[]> {
    const found = await available(this.collection.findOne({ _id: tenantKey(tenant) }, { ...at }));
    return found?.hidden ?? [];
  }

  /** Hides some batches and shows others, in one step. Repeating it changes nothing. */
  async change(
    tenant: Tenant,
    { hide = [], show = [] }: { readonly hide?: readonly string[]; readonly show?: readonly string[] },
  ): Promise<void> {
    const [hidden, shown] = [[...new Set(hide)], [...new Set(show)]].map((ids) => ({ $literal: ids }));
    const known = { $ifNull: ['$hidden', []] };
    await available(
      this.collection.updateOne(
        { _id: tenantKey(tenant) },
        [{ $set: { hidden: { $setUnion: [{ $setDifference: [known, shown] }, hidden] } } }],
        { upsert: true },
      ),
    );
  }
}
