import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { heldEventId, storedEventId, type EventDocument } from './event-document.js';

/** An event that repeats one of a batch. */
export interface HeldRepeat {
  readonly event: EventDocument;
  /** Id of the batch. */
  readonly heldBy: string;
}

/**
 * Repeats of events that came with batches. A batch can be taken back as if it had never been, and then what repeated an
 * event of it is that event. Until then nobody sees it; whatever is deleted or expires does so held or not (ADR 67).
 */
export class HeldRepeats {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /** May be repeated. */
  async keep(tenant: Tenant, repeats: readonly HeldRepeat[], session?: ClientSession): Promise<void> {
    if (repeats.length === 0) return;
    const operations = repeats.map(({ event: { _id, ...event }, heldBy }) => {
      const id = heldEventId(event.datasetId, event.eventId, event.order);
      const replacement = { ...event, tenant: tenantKey(tenant), heldBy };
      return { replaceOne: { filter: { _id: id, tenant: tenantKey(tenant) }, replacement, upsert: true, hint: BY_ID } };
    });
    // Refused where another worker keeps the very same at once.
    await unorderedBulk(this.events, operations, session);
  }

  /** Some repeats of a batch's events. */
  async of(tenant: Tenant, batchId: string, limit: number): Promise<readonly EventDocument[]> {
    return available(
      this.events
        .find({ tenant: tenantKey(tenant), heldBy: batchId })
        .limit(limit)
        .toArray(),
    );
  }

  /** Lets go of repeats as far as they are still held by a batch. */
  async drop(
    tenant: Tenant,
    heldBy: string,
    repeats: readonly Pick<EventDocument, 'datasetId' | 'eventId' | 'order'>[],
  ): Promise<void> {
    if (repeats.length === 0) return;
    const ids = repeats.map(({ datasetId, eventId, order }) => heldEventId(datasetId, eventId, order));
    await available(this.events.deleteMany({ _id: { $in: ids }, tenant: tenantKey(tenant), heldBy }, { hint: BY_ID }));
  }

  /**
   * After an event has taken the place of one of a batch: its repeats are the newcomer's, which may be of a batch or not. Not
   * those that were accepted before the newcomer: they are about to be released, and take its place.
   */
  async passOn(tenant: Tenant, newcomers: readonly EventDocument[]): Promise<void> {
    if (newcomers.length === 0) return;
    const operations = newcomers.map(({ datasetId, eventId, batchId, order }) => {
      const id = storedEventId(datasetId, eventId);
      const held = { _id: { $gt: `${id}\0`, $lt: `${id}\x01` }, eventId, heldBy: { $exists: true } };
      const filter = { tenant: tenantKey(tenant), ...held, order: { $gt: order } };
      if (batchId === undefined) return { deleteMany: { filter, hint: BY_ID } };
      return { updateMany: { filter, update: { $set: { heldBy: batchId } }, hint: BY_ID } };
    });
    await available(this.events.bulkWrite(operations, { ordered: false }));
  }
}
