import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, inRounds, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner, type SessionLender } from '../identity-graph/transaction-runner.js';
import { slicesOf } from '../slices.js';
import { stagedEventId, storedEventId, type EventDocument, type EventPosition } from './event-document.js';
import { HeldRepeats } from './held-repeats.js';

/** An event to be stored. */
export type EventWrite = Omit<EventDocument, '_id' | 'tenant' | 'heldBy'>;

/** An event that has the `_id` of another one which is to be stored. */
export type EventHolder = Omit<EventDocument, 'tenant' | 'eventId' | 'heldBy' | 'expireAt' | 'body'>;

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

/** Holders that give way to events of batches in one transaction. */
const REPLACED_AT_ONCE = 200;

/** An event that was refused, and the one that has its `_id`. */
interface Refused {
  readonly event: EventDocument;
  readonly holder: EventHolder;
}

/**
 * Stores events. Of several with one `_id` in a dataset the first accepted stays, in whatever order they are written, so
 * writes may be repeated and may come from several workers at once. The others are let go, unless the one that stays came
 * with a batch (`HeldRepeats`).
 */
export class EventWriter {
  private readonly events: Collection<EventDocument>;
  private readonly repeats: HeldRepeats;
  private readonly runner: TransactionRunner;

  /** @param sessions to run transactions in; a worker's are ended by others once it is dead (`TransactionSessions`). */
  constructor(database: Database, sessions: SessionLender = newSessions(database.client)) {
    this.events = database.collection('events');
    this.runner = new TransactionRunner(sessions, { attempts: 64 });
    this.repeats = new HeldRepeats(database);
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

  /** Removes events just as they were read: what has taken the place of one meanwhile stays. */
  async remove(tenant: Tenant, holders: readonly Pick<EventHolder, '_id' | 'order'>[]): Promise<void> {
    if (holders.length === 0) return;
    const operations = holders.map(({ _id, order }) => {
      return { deleteOne: { filter: { _id, tenant: tenantKey(tenant), order }, hint: BY_ID } };
    });
    await available(this.events.bulkWrite(operations, { ordered: false }));
  }

  /**
   * Notes who took the ids of refused events, and lets the first accepted of two stay, unless it is deleted.
   *
   * @returns those whose holder has changed meanwhile, to be tried again.
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
    const met = refused.flatMap((event): Refused[] => {
      const holder = holders.get(event._id);
      return holder ? [{ event, holder }] : [];
    });
    const earlier = met.filter(({ event, holder }) => event.order < holder.order);
    const late = await this.replace(tenant, earlier);
    for (const { event, holder } of met) {
      const givesWay = event.order < holder.order ? [{ xids: holder.xids, time: holder.time }] : [];
      const positions = [...givesWay, ...(holder.displaced ?? [])];
      if (positions.length > 0) options.displaced?.(event, positions);
    }
    const repeats = met.filter(({ event, holder }) => event.order > holder.order);
    return [...refused.filter(({ _id }) => !holders.has(_id)), ...late, ...(await this.keepRepeats(tenant, repeats))];
  }

  /**
   * Puts events in the place of holders that were accepted later.
   *
   * @returns those that did not get there, because somebody else had taken the place of their holder.
   */
  private async replace(tenant: Tenant, earlier: readonly Refused[]): Promise<EventDocument[]> {
    if (earlier.length === 0) return [];
    const holding = earlier.filter(({ event, holder }) => holds(event, holder) !== undefined);
    const others = earlier.filter((one) => !holding.includes(one));
    if (others.length > 0) await available(this.events.bulkWrite(others.map(replaceHolder), { ordered: false }));
    await this.runner.run(slicesOf(holding, REPLACED_AT_ONCE), async (some, session) =>
      this.replaceAndHold(tenant, some, session),
    );
    const events = earlier.map(({ event }) => event);
    const now = await this.holdersOf(tenant, events);
    const isThere = ({ _id, order }: EventDocument) => now.get(_id)?.order === order;
    await this.repeats.passOn(
      tenant,
      earlier.flatMap(({ event, holder }) => (holder.batchId !== undefined && isThere(event) ? [event] : [])),
    );
    return events.filter((event) => !isThere(event));
  }

  /**
   * Puts events of batches in the place of holders, which are held and would be back if the batches had never been. In one
   * transaction: whoever removes a holder does so before, and it is not held, or finds it where it is held.
   */
  private async replaceAndHold(tenant: Tenant, some: readonly Refused[], session: ClientSession): Promise<void> {
    const filter = { tenant: tenantKey(tenant), _id: { $in: some.map(({ event }) => event._id) } };
    const stored = new Map(
      (await this.events.find(filter, { session, hint: BY_ID }).toArray()).map((one) => [one._id, one]),
    );
    const displaced = some.flatMap((one) => {
      const holder = stored.get(one.event._id);
      const heldBy = holds(one.event, one.holder);
      return holder?.order === one.holder.order && heldBy !== undefined
        ? [{ one, held: { event: holder, heldBy } }]
        : [];
    });
    if (displaced.length === 0) return;
    await this.repeats.keep(
      tenant,
      displaced.map(({ held }) => held),
      session,
    );
    await this.events.bulkWrite(
      displaced.map(({ one }) => replaceHolder(one)),
      { session },
    );
  }

  /**
   * Keeps those that repeat an event of a batch. The batch may be taken back at any moment: whoever does so looks for
   * repeats after its events are gone, so what was kept before is found then, and what is kept later sees that they are.
   *
   * @returns those whose holder is another meanwhile, or gone.
   */
  private async keepRepeats(tenant: Tenant, repeats: readonly Refused[]): Promise<EventDocument[]> {
    const kept = repeats.flatMap(({ event, holder }) => {
      const heldBy = holds(holder, event);
      return heldBy === undefined ? [] : [{ event, holder, heldBy }];
    });
    if (kept.length === 0) return [];
    await this.repeats.keep(tenant, kept);
    const now = await this.holdersOf(
      tenant,
      kept.map(({ event }) => event),
    );
    const changed = kept.filter(({ event, holder }) => now.get(event._id)?.order !== holder.order);
    for (const [heldBy, some] of Map.groupBy(changed, (one) => one.heldBy)) {
      await this.repeats.drop(
        tenant,
        heldBy,
        some.map(({ event }) => event),
      );
    }
    return changed.map(({ event }) => event);
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
}

/** The batch by which an event holds another one with its `_id`: not where both go with it. */
function holds({ batchId }: Pick<EventDocument, 'batchId'>, other: Pick<EventDocument, 'batchId'>): string | undefined {
  return batchId === other.batchId ? undefined : batchId;
}

/** Finds nothing when the holder is another meanwhile. */
function replaceHolder({ event, holder }: Refused) {
  const { _id, tenant } = event;
  const takenBy = { $ifNull: ['$takenBy', '$order'] };
  const displaced = { $setUnion: [{ $ifNull: ['$displaced', []] }, [{ xids: '$xids', time: '$time' }]] };
  const update = [{ $replaceWith: { $mergeObjects: [{ $literal: event }, { takenBy, displaced }] } }];
  return { updateOne: { filter: { _id, tenant, order: holder.order }, update, hint: BY_ID } };
}

function idOf({ datasetId, eventId, batchId, staged }: EventWrite): string {
  return staged && batchId ? stagedEventId(datasetId, eventId, batchId) : storedEventId(datasetId, eventId);
}

function toDocument(tenant: Tenant, write: EventWrite): EventDocument {
  return { _id: idOf(write), tenant: tenantKey(tenant), ...write };
}
