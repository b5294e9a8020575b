import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { stagedEventId, storedEventId, type EventDocument } from './event-document.js';

/** An event to be stored. */
export type EventWrite = Omit<EventDocument, '_id' | 'tenant'>;

/**
 * Stores events. Of several with one `_id` in a dataset the first accepted stays, in whatever order they are written, so
 * writes may be repeated and may come from several workers at once.
 */
export class EventWriter {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /**
   * Inserts events with distinct ids in one bulk write without a read; only refused ones are looked at again.
   *
   * @returns for each event whether its `_id` was new, or taken by another.
   */
  async apply(tenant: Tenant, writes: readonly EventWrite[]): Promise<('stored' | 'duplicate')[]> {
    const documents = writes.map((write) => toDocument(tenant, write));
    const taken = await unorderedBulk(
      this.events,
      documents.map((document) => ({ insertOne: { document } })),
    );
    const duplicates = await this.settle(
      tenant,
      taken.map((index) => documents[index] as EventDocument),
    );
    return documents.map(({ _id }) => (duplicates.has(_id) ? 'duplicate' : 'stored'));
  }

  /** Sorts repeats of the very same acceptance from true duplicates, and lets the first accepted of two stay. */
  private async settle(tenant: Tenant, refused: readonly EventDocument[]): Promise<Set<string>> {
    const duplicates = new Set<string>();
    if (refused.length === 0) return duplicates;
    const stored = await available(
      this.events
        .find({ tenant: tenantKey(tenant), _id: { $in: refused.map(({ _id }) => _id) } }, { projection: { order: 1 } })
        .toArray(),
    );
    const orders = new Map(stored.map(({ _id, order }) => [_id, order]));
    const earlier = refused.filter(({ _id, order }) => {
      const current = orders.get(_id);
      if (current !== undefined && current !== order) duplicates.add(_id);
      return current === undefined || order < current;
    });
    // The guard refuses (as a taken key) when yet an earlier one came in meanwhile, which then rightly stays.
    await unorderedBulk(this.events, earlier.map(replaceLaterAccepted));
    return duplicates;
  }
}

function replaceLaterAccepted(replacement: EventDocument) {
  const { _id, tenant, order } = replacement;
  return { replaceOne: { filter: { _id, tenant, order: { $gt: order } }, replacement, upsert: true } };
}

function toDocument(tenant: Tenant, write: EventWrite): EventDocument {
  const { datasetId, eventId, batchId, staged } = write;
  const _id = staged && batchId ? stagedEventId(datasetId, eventId, batchId) : storedEventId(datasetId, eventId);
  return { _id, tenant: tenantKey(tenant), ...write };
}
