import type { Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { BatchPartRemover } from '../fragments/batch-part-remover.js';
import type { IndexDefinition } from '../indexes.js';

interface RowOfBatch extends Document {
  readonly _id: string;
  readonly tenant: string;
  readonly batchId?: string;
  /** Of a fragment. */
  readonly xid?: string;
  /** Of an event. */
  readonly xids?: readonly string[];
}

/** Told whom rows are about, before they are removed; what it throws keeps them. */
export type BeforeRemoval = (xids: readonly string[]) => Promise<void>;

const STEP = 2_000;

/** Their bodies are read and written. */
const FRAGMENTS_AT_ONCE = 500;

const ofBatches = { partialFilterExpression: { batchId: { $exists: true } } };

/** Only what came with a batch is in them, so that streamed records do not pay for them. */
export const batchRowIndexes: readonly IndexDefinition[] = [
  { collection: 'fragments', key: { tenant: 1, batchId: 1 }, options: ofBatches },
  { collection: 'events', key: { tenant: 1, batchId: 1 }, options: ofBatches },
];

/** Removes what batches have written. */
export class BatchRowRemover {
  private readonly collections: readonly Collection<RowOfBatch>[];
  private readonly parts: BatchPartRemover;

  constructor(database: Database) {
    this.collections = [database.collection<RowOfBatch>('events'), database.collection<RowOfBatch>('fragments')];
    this.parts = new BatchPartRemover(database.collection('fragments'));
  }

  /**
   * Removes some of the events of a batch, of the fragments that are a record of the batch and nothing else, and of what
   * its records set in fragments that others have a part in. What a record had replaced does not come back.
   *
   * @returns rows removed; 0 when nothing is left.
   */
  async removeSome(tenant: Tenant, batchId: string, before: BeforeRemoval, limit = STEP): Promise<number> {
    for (const collection of this.collections) {
      const filter = { tenant: tenantKey(tenant), batchId, fieldVersions: { $exists: false } };
      const found = await available(
        collection
          .find(filter, { projection: { xid: 1, xids: 1 } })
          .limit(limit)
          .toArray(),
      );
      if (found.length === 0) continue;
      const xids = found.flatMap(({ xid, xids: of = [] }) => (xid === undefined ? of : [xid]));
      await before([...new Set(xids)]);
      const { deletedCount } = await available(
        collection.deleteMany({ ...filter, _id: { $in: found.map(({ _id }) => _id) } }),
      );
      return Math.max(1, deletedCount);
    }
    return this.parts.removeSome(tenant, batchId, before, Math.min(limit, FRAGMENTS_AT_ONCE));
  }
}
