import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, inRounds, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { stagedEventId, storedEventId, type EventDocument, type EventPosition } from './event-document.js';

/** An event to be stored. */
export type EventWrite = Omit<EventDocument, '_id' | 'tenant'>;

/** An event that has the `_id` of another one which is to be stored. */
export type EventHolder = Omit<EventDocument, 'tenant' | 'eventId' | 'expireAt' | 'body'>;

export interface EventWriteOptions {
  /** Told where events stood that gave way to others, also when it is done again. */
  readonly displaced?: (dataset: { readonly datasetId: string }, positions: readonly EventPosition[]) => void;
  /** Which of some events, each accepted before another one with its `_id`, are deleted and only not removed yet. */
  readonly deletedAmong?: (holders: readonly EventHolder[]) => Promise<ReadonlySet<EventHolder>>;
}

const holderProjection = {
  ...{ datasetId: 1, batchId: 1, staged: 1, xids: 1, time: 1, acceptedAt: 1 },
  ...{ order: 1, takenBy: 1, displaced: 1 },
};

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
   */
  async apply(tenant: Tenant, writes: readonly EventWrite[], options: EventWriteOptions = {}): Promise<string[]> {
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
        options,
      );
    });
    return writes.map((write) => taken.get(idOf(write)) ?? write.order);
  }

  /**
   * Notes who took the ids of refused events, and lets the first accepted of two stay, unless it is deleted.
   *
   * @returns those whose holder has been deleted meanwhile.
   */
  private async settle(
    tenant: Tenant,
    refused: readonly EventDocument[],
    taken: Map<string, string>,
    options: EventWriteOptions,
  ): Promise<EventDocument[]> {
    if (refused.length === 0) return [];
    const holders = await this.holdersOf(tenant, refused);
    await this.releaseDeleted(tenant, refused, holders, options);
    for (const { _id, order, takenBy = order } of holders.values()) taken.set(_id, takenBy);
    const earlier = refused.filter(({ _id, order }) => order < (holders.get(_id)?.order ?? ''));
    // The guard finds nothing when yet an earlier one came in meanwhile, which then rightly stays.
    if (earlier.length > 0)
      await available(this.events.bulkWrite(earlier.map(replaceLaterAccepted), { ordered: false }));
    for (const document of refused) {
      const holder = holders.get(document._id);
      const givesWay = earlier.includes(document) && holder ? [{ xids: holder.xids, time: holder.time }] : [];
      const positions = [...givesWay, ...(holder?.displaced ?? [])];
      if (positions.length > 0) options.displaced?.(document, positions);
    }
    return refused.filter(({ _id }) => !holders.has(_id));
  }

  /** Frees the ids that deleted events keep from later ones: removes them from the store, and from the holders. */
  private async releaseDeleted(
    tenant: Tenant,
    refused: readonly EventDocument[],
    holders: Map<string, EventHolder>,
    { displaced, deletedAmong }: EventWriteOptions,
  ): Promise<void> {
    const inTheWay = refused.flatMap(({ _id, order }) => {
      const holder = holders.get(_id);
      return holder !== undefined && holder.order < order ? [holder] : [];
    });
    if (inTheWay.length === 0 || deletedAmong === undefined) return;
    const deleted = await deletedAmong(inTheWay);
    if (deleted.size === 0) return;
    await this.remove(tenant, [...deleted]);
    for (const holder of deleted) {
      const { _id, xids, time, displaced: before = [] } = holder;
      holders.delete(_id);
      displaced?.(holder, [{ xids, time }, ...before]);
    }
  }

  private async holdersOf(tenant: Tenant, documents: readonly EventDocument[]): Promise<Map<string, EventHolder>> {
    const filter = { tenant: tenantKey(tenant), _id: { $in: documents.map(({ _id }) => _id) } };
    const found = this.events.find<EventHolder>(filter, { projection: holderProjection, hint: BY_ID });
    return new Map((await available(found.toArray())).map((holder) => [holder._id, holder]));
  }

  /** Removes events just as they were read: what has taken the place of one meanwhile stays. */
  private async remove(tenant: Tenant, holders: readonly EventHolder[]): Promise<void> {
    const operations = holders.map(({ _id, order }) => {
      return { deleteOne: { filter: { _id, tenant: tenantKey(tenant), order }, hint: BY_ID } };
    });
    await available(this.events.bulkWrite(operations, { ordered: false }));
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
