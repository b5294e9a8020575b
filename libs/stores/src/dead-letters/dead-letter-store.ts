import type { Collection, Filter } from 'mongodb';
import { tenantKey, type DeadLetterReason, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { DeadLetterDocument } from './dead-letter-document.js';

/** Which dead letters are asked for. Times are epoch ms: `from` inclusive, `to` exclusive, both of the acceptance. */
export interface DeadLetterFilter {
  readonly datasetId?: string;
  readonly reason?: DeadLetterReason;
  readonly from?: number;
  readonly to?: number;
}

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
  private readonly deadLetters: Collection<DeadLetterDocument>;

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
    return available(this.deadLetters.findOne({ tenant: tenantKey(tenant), _id: id }, { promoteBuffers: true }));
  }

  async list(
    tenant: Tenant,
    { datasetId, reason, from, to }: DeadLetterFilter,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): Promise<{ children: DeadLetterDocument[]; totalCount: number }> {
    const filter: Filter<DeadLetterDocument> = {
      tenant: tenantKey(tenant),
      ...(datasetId !== undefined && { datasetId }),
      ...(reason !== undefined && { reason }),
      ...((from !== undefined || to !== undefined) && {
        acceptedAt: {
          ...(from !== undefined && { $gte: new Date(from) }),
          ...(to !== undefined && { $lt: new Date(to) }),
        },
      }),
    };
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
}
