import type { Collection, Filter } from 'mongodb';
import { tenantKey, tenantOfKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { Deletion, DeletionSubject } from './deletion.js';

/** A deletion that ended before it was done: its client took it back, or it failed. */
export interface AbandonedDeletion {
  readonly id: string;
  readonly tenant: Tenant;
  /** Epoch ms; when it was given up. */
  readonly at: number;
  /** What it was to remove data of; absent for people. */
  readonly datasetId?: string;
  /** Absent where it was not one batch. */
  readonly batchId?: string;
}

interface AbandonedDeletionDocument extends Omit<AbandonedDeletion, 'id' | 'tenant'> {
  /** Of the deletion. */
  readonly _id: string;
  readonly tenant: string;
}

/**
 * Deletions whose touched identities nobody looks at any more by themselves. There are few, and each only until that is made
 * up for: looking for lists without a job would pass by whatever was removed from the lists, for as long as snapshots reach
 * back.
 */
export class AbandonedDeletions {
  private readonly abandoned: Collection<AbandonedDeletionDocument>;

  constructor(database: Database) {
    this.abandoned = database.collection('abandoned_deletions');
  }

  /** Notes a deletion, before its job is removed or ended, so that it cannot be forgotten in between. May be repeated. */
  async note({ id, tenant, subject }: Deletion, at: number): Promise<void> {
    const filter = { _id: id, tenant: tenantKey(tenant) };
    await available(this.abandoned.updateOne(filter, { $set: { at, ...idsOf(subject) } }, { upsert: true }));
  }

  /** Those of any tenant that were given up before a moment (epoch ms), some after an id; none at the end. */
  async before(at: number, after: string, limit: number): Promise<AbandonedDeletion[]> {
    const filter: Filter<AbandonedDeletionDocument> = { _id: { $gt: after }, at: { $lt: at } };
    return (await available(this.abandoned.find(filter).sort({ _id: 1 }).limit(limit).toArray())).map(fromDocument);
  }

  /** The others that were to remove the dataset or batch that a deletion removes, or a part of it. */
  async within({ id, tenant, subject }: Deletion): Promise<AbandonedDeletion[]> {
    if (subject.kind !== 'dataset' && subject.kind !== 'batch') return [];
    const what = subject.kind === 'dataset' ? { datasetId: subject.datasetId } : { batchId: subject.batchId };
    const filter = { tenant: tenantKey(tenant), _id: { $ne: id }, ...what };
    return (await available(this.abandoned.find(filter).toArray())).map(fromDocument);
  }

  /** Forgets a deletion: nothing of it is left to be looked at. */
  async forget(tenant: Tenant, id: string): Promise<void> {
    await available(this.abandoned.deleteOne({ _id: id, tenant: tenantKey(tenant) }));
  }
}

function idsOf(subject: DeletionSubject): Pick<AbandonedDeletion, 'datasetId' | 'batchId'> {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return { datasetId: subject.datasetId, batchId: subject.batchId };
    case 'person':
    case 'sandbox':
      return {};
  }
}

function fromDocument({ _id, tenant, ...rest }: AbandonedDeletionDocument): AbandonedDeletion {
  return { id: _id, tenant: tenantOfKey(tenant), ...rest };
}
