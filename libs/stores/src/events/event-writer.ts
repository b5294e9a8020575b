import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, inRounds, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { stagedEventId, storedEventId, type EventDocument, type EventPosition } from './event-document.js';

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
   * @returns for each event which acceptance (its `order`) took the `_id`: that one was stored, every other is a
   * duplicate. It stays the same for ever, so what is counted by it is counted the same when it is done again.
   * @param displaced told where events stood that gave way to earlier accepted ones, also when it is done again.
   */
  async apply(
    tenant: Tenant,
    writes: readonly EventWrite[],
    displaced: (dataset: { readonly datasetId: string }, positions: readonly EventPosition[]) => void = () => undefined,
  ): Promise<string[]> {
    const taken = new Map(writes.map((write) => [idOf(write), write.order]));
    const documents = writes.map((write) => toDocument(tenant, write));
    await inRounds(documents, async (pending) => {
      const refused = await unorderedBulk(
        this.events,
        pending.map((document) => ({ insertOne: { document } })),
      );
      return this.settle(
        tenant,
        refused.map((index) => pending[index] as EventDocument),
        taken,
        displaced,
      );
    });
    return writes.map((write) => taken.get(idOf(write)) ?? write.order);
  }

  /**
   * Notes who took the ids of refused events, and lets the first accepted of two stay.
   *
   * @returns those whose holder has been deleted meanwhile.
   */
  private async settle(
    tenant: Tenant,
    refused: readonly EventDocument[],
    taken: Map<string, string>,
    displaced: (dataset: EventDocument, positions: readonly EventPosition[]) => void,
  ): Promise<EventDocument[]> {
    if (refused.length === 0) return [];
    const stored = await available(
      this.events
        .find(
          { tenant: tenantKey(tenant), _id: { $in: refused.map(({ _id }) => _id) } },
          { projection: { order: 1, takenBy: 1, xids: 1, time: 1, displaced: 1 }, hint: BY_ID },
        )
        .toArray(),
    );
    const holders = new Map(stored.map((holder) => [holder._id, holder]));
    for (const { _id, order, takenBy = order } of stored) taken.set(_id, takenBy);
    const earlier = refused.filter(({ _id, order }) => order < (holders.get(_id)?.order ?? ''));
    // The guard finds nothing when yet an earlier one came in meanwhile, which then rightly stays.
    if (earlier.length > 0)
      await available(this.events.bulkWrite(earlier.map(replaceLaterAccepted), { ordered: false }));
    for (const document of refused) {
      const holder = holders.get(document._id);
      const givesWay = earlier.includes(document) && holder ? [{ xids: holder.xids, time: holder.time }] : [];
      const positions = [...givesWay, ...(holder?.displaced ?? [])];
      if (positions.length > 0) displaced(document, positions);
    }
    return refused.filter(({ _id }) => !holders.has(_id));
  }
}

function replaceLaterAccepted(replacement: EventDocument) {
  const { _id, tenant, order } = replacement;
  const takenBy = { $ifNull: ['$takenBy', '$order'] };
  const displaced = { $setUnion: [{ $ifNull: ['$displaced', []] }, [{ xids: '$xids', time: '$time' }]] };
  const update = [{ $replaceWith: { $mergeObjects: [{ $literal: replacement }, { takenBy, displaced }] } }];
  return { updateOne: { filter: { _id, tenant, order: { $gt: order } }, update, hint: BY_ID } };
}

function idOf({ datasetId, eventId, batchId, staged }: EventWrite): string {
  return staged && batchId ? stagedEventId(datasetId, eventId, batchId) : storedEventId(datasetId, eventId);
}

function toDocument(tenant: Tenant, write: EventWrite): EventDocument {
  return { _id: idOf(write), tenant: tenantKey(tenant), ...write };
}
