import type { Collection } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { deadLetterQuery, DONE, type DeadLetterFilter } from './dead-letter-query.js';
import type { DeadLetterDocument, StoredDeadLetter } from './dead-letter-document.js';

/** What operators read. */
export interface DeadLetterReader {
  /** One dead letter, or null. */
  find(tenant: Tenant, id: string): Promise<DeadLetterDocument | null>;
  /** Newest acceptance first. */
  list(
    tenant: Tenant,
    filter: DeadLetterFilter,
    page: { readonly start: number; readonly limit: number },
  ): Promise<{ readonly children: DeadLetterDocument[]; readonly totalCount: number }>;
}

/** Keeps what could not be applied. */
export class DeadLetterStore implements DeadLetterReader {
  private readonly deadLetters: Collection<StoredDeadLetter>;

  constructor(database: Database) {
    this.deadLetters = database.collection('dead_letters');
  }

  /**
   * Writes dead letters, which may belong to several tenants or (where the message does not say) to none; each names its
   * own. One that is there already only has its last attempt renewed.
   */
  async put(deadLetters: readonly DeadLetterDocument[]): Promise<void> {
    await unorderedBulk(
      this.deadLetters,
      deadLetters.map(({ lastAttempt, ...first }) => ({
        updateOne: {
          filter: { _id: first._id, tenant: first.tenant },
          update: { $setOnInsert: first, $set: { lastAttempt } },
          upsert: true,
        },
      })),
    );
  }

  async find(tenant: Tenant, id: string): Promise<DeadLetterDocument | null> {
    const filter = { ...deadLetterQuery(tenant), _id: id };
    return available(this.deadLetters.findOne(filter, { promoteBuffers: true }));
  }

  async list(
    tenant: Tenant,
    wanted: DeadLetterFilter,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): Promise<{ children: DeadLetterDocument[]; totalCount: number }> {
    const filter = deadLetterQuery(tenant, wanted);
    const [children, totalCount] = await available(
      Promise.all([
        this.deadLetters
          .find(filter, { promoteBuffers: true })
          .sort({ acceptedAt: -1, _id: 1 })
          .skip(start)
          .limit(limit)
          .toArray(),
        this.deadLetters.countDocuments(filter),
      ]),
    );
    return { children, totalCount };
  }

  /** Deletes a dead letter; a replay of it that is under way then has no effect. @returns whether there was one. */
  async delete(tenant: Tenant, id: string): Promise<boolean> {
    const { modifiedCount } = await available(
      this.deadLetters.updateOne({ ...deadLetterQuery(tenant), _id: id }, DONE),
    );
    return modifiedCount === 1;
  }
}
