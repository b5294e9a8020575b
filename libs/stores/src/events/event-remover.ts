import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID } from '../bulk.js';
import type { Database } from '../database.js';
import { storedEventId, type EventDocument } from './event-document.js';

/** An event that is to go, with everyone it is about. */
export type FoundEvent = Pick<EventDocument, '_id' | 'xids'>;

/** Whose events: of a dataset, of one batch, or of some people, as soon as an event carries one of their identities. */
export type EventsOf =
  { readonly datasetId: string } | { readonly batchId: string } | { readonly xids: readonly string[] };

/** Removes events that were accepted up to a moment. Safe beside writers, and to be repeated. */
export class EventRemover {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /**
   * Events accepted at a moment (epoch ms) or before, some at a time. They may be removed as they come: all are found in one
   * pass, since what was removed from an index would be passed by again in every further one.
   */
  async *pages(tenant: Tenant, of: EventsOf, at: number, limit: number): AsyncGenerator<readonly FoundEvent[]> {
    const filter: Filter<EventDocument> = { ...ownedBy(of), tenant: tenantKey(tenant), acceptedAt: { $lte: at } };
    const cursor = this.events.find<FoundEvent>(filter, { projection: { xids: 1 }, batchSize: limit });
    try {
      while (await available(cursor.hasNext())) yield cursor.readBufferedDocuments(limit);
    } finally {
      await cursor.close();
    }
  }

  /**
   * Removes those of some events (ids as stored) that were accepted at a moment (epoch ms) or before.
   *
   * @param session of a transaction that this is a part of.
   * @returns how many.
   */
  async remove(tenant: Tenant, ids: readonly string[], at: number, session?: ClientSession): Promise<number> {
    if (ids.length === 0) return 0;
    const filter = { _id: { $in: [...ids] }, tenant: tenantKey(tenant), acceptedAt: { $lte: at } };
    const options = { hint: BY_ID, ...(session && { session }) };
    return (await available(this.events.deleteMany(filter, options))).deletedCount;
  }
}

function ownedBy(of: EventsOf): Filter<EventDocument> {
  if ('xids' in of) return { xids: { $in: [...of.xids] } };
  if ('batchId' in of) return { batchId: of.batchId };
  // Ids of a dataset's events begin with its own and a dot; `/` comes right after the dot.
  return { _id: { $gte: storedEventId(of.datasetId, ''), $lt: `${of.datasetId}/` } };
}
