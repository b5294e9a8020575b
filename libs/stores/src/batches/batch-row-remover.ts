import type { Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';

interface RowOfBatch extends Document {
  readonly _id: string;
  readonly tenant: string;
  readonly batchId?: string;
}

const ofBatches = { partialFilterExpression: { batchId: { $exists: true } } };

/** Only what came with a batch is in them, so that streamed records do not pay for them. */
export const batchRowIndexes: readonly IndexDefinition[] = [
  { collection: 'fragments', key: { tenant: 1, batchId: 1 }, options: ofBatches },
  { collection: 'events', key: { tenant: 1, batchId: 1 }, options: ofBatches },
];

/** Removes what batches have written. */
export class BatchRowRemover {
  private readonly collections: readonly Collection<RowOfBatch>[];

  constructor(database: Database) {
    this.collections = [database.collection<RowOfBatch>('events'), database.collection<RowOfBatch>('fragments')];
  }

  /**
   * Removes some of the events of a batch and of the fragments whose newest record is the batch's.
   *
   * @returns how many; 0 when nothing is left.
   */
  async removeSome(tenant: Tenant, batchId: string, limit = 2_000): Promise<number> {
    for (const collection of this.collections) {
      const filter = { tenant: tenantKey(tenant), batchId };
      const found = await available(
        collection
          .find(filter, { projection: { _id: 1 } })
          .limit(limit)
          .toArray(),
      );
      if (found.length === 0) continue;
      const { deletedCount } = await available(
        collection.deleteMany({ ...filter, _id: { $in: found.map(({ _id }) => _id) } }),
      );
      return Math.max(1, deletedCount);
    }
    return 0;
  }
}
