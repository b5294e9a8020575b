import type { IndexDefinition } from '../indexes.js';

/** Whose event it is, and when. */
export interface EventPosition {
  readonly xids: readonly string[];
  /** Epoch ms. */
  readonly time: number;
}

/** An event, as stored: once, under every identity it carries. */
export interface EventDocument {
  /** {@link storedEventId}, {@link stagedEventId} or {@link heldEventId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly datasetId: string;
  /** The event's own `_id`, unique in its dataset. */
  readonly eventId: string;
  /** Every identity, the primary one first. */
  readonly xids: readonly string[];
  /** The event's timestamp, epoch ms. */
  readonly time: number;
  /** Epoch ms. */
  readonly acceptedAt: number;
  /** Which acceptance this is: of two events with one `_id` the first accepted stays. */
  readonly order: string;
  /**
   * The acceptance that took the `_id`, where an earlier one has replaced its event since. It counts as the one that was
   * stored, however often any of them is delivered again.
   */
  readonly takenBy?: string;
  /** Where events stood that had the `_id` before this one, and that was counted with. */
  readonly displaced?: readonly EventPosition[];
  readonly batchId?: string;
  /**
   * Nobody sees it: it is a repeat of an event that came with this batch. It takes the place of that one should the batch be
   * taken back.
   */
  readonly heldBy?: string;
  /** It came with a batch that replaces others, and stands beside the events that it may replace. */
  readonly staged?: true;
  /** When it leaves the disk, if its dataset does not keep it for ever. Readers go by the dataset as well. */
  readonly expireAt?: Date;
  /** The event as JSON text: stored as given, never interpreted. */
  readonly body: string;
}

/** Dataset ids are unique across tenants, so the pair is too. */
export function storedEventId(datasetId: string, eventId: string): string {
  return `${datasetId}.${eventId}`;
}

/** Where an event of a batch that replaces others stands until those are gone. */
export function stagedEventId(datasetId: string, eventId: string, batchId: string): string {
  return `${storedEventId(datasetId, eventId)}\0${batchId}`;
}

/** Where a repeat of an event of a batch is held. @param order of the repeat's acceptance. */
export function heldEventId(datasetId: string, eventId: string, order: string): string {
  return `${storedEventId(datasetId, eventId)}\0${order}`;
}

export const eventIndexes: readonly IndexDefinition[] = [
  { collection: 'events', key: { tenant: 1, xids: 1, time: 1, eventId: 1, datasetId: 1 } },
  { collection: 'events', key: { expireAt: 1 }, options: { expireAfterSeconds: 0, sparse: true } },
  {
    collection: 'events',
    key: { tenant: 1, heldBy: 1 },
    options: { partialFilterExpression: { heldBy: { $exists: true } } },
  },
];
