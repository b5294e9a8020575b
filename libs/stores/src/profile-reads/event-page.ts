import type { Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { visibleEvents, type EventVisibility } from './event-visibility.js';

/** An event's place in the order of a person's events: by time, then event id, then dataset id. */
export interface EventPlace {
  /** Epoch ms. */
  readonly time: number;
  readonly eventId: string;
  readonly datasetId: string;
}

/** Which events of one person to read. */
export interface EventRange {
  /** The identities in scope. */
  readonly xids: readonly string[];
  /** Epoch ms, inclusive. */
  readonly from?: number;
  /** Epoch ms, exclusive. */
  readonly to?: number;
  /** Newest first: the exact reverse of oldest first. */
  readonly descending: boolean;
  /** Only what comes after this place in the direction of reading. */
  readonly after?: EventPlace;
  readonly limit: number;
}

const projection = { _id: 0, datasetId: 1, eventId: 1, time: 1, acceptedAt: 1, body: 1 };

/**
 * The pages of several people in one aggregation: people one after the other, each one's events in order and marked with
 * `person`, the place of its range.
 *
 * Each part seeks in the index {tenant, xids, time, eventId, datasetId} and reads no more keys than it returns (per
 * identity). Hence the two parts after a place: the rest of its millisecond, where only event id and dataset id are left
 * to sort by, and then what is later; one condition for both would make the server sort all that remains.
 *
 * @param more further fields of events that are wanted.
 */
export function eventPagesPipeline(
  tenant: Tenant,
  ranges: readonly EventRange[],
  visibility: EventVisibility,
  more: Document = {},
): Document[] {
  const [first = [], ...others] = ranges.map((range, person) => [
    ...rangePipeline(tenantKey(tenant), range, visibility),
    { $project: { ...projection, ...more, person: { $literal: person } } },
  ]);
  return [...first, ...others.map((pipeline) => ({ $unionWith: { coll: 'events', pipeline } }))];
}

/** Those of the identities that have any visible event, in one aggregation over no collection that seeks one key for each. */
export function anyEventPipeline(tenant: Tenant, xids: readonly string[], visibility: EventVisibility): Document[] {
  const pipeline = [
    { $match: { tenant: tenantKey(tenant), ...visibleEvents(visibility) } },
    { $limit: 1 },
    { $project: { _id: 1 } },
  ];
  return [
    { $documents: [...new Set(xids)].map((xid) => ({ xid })) },
    { $lookup: { from: 'events', localField: 'xid', foreignField: 'xids', pipeline, as: 'any' } },
    { $match: { any: { $ne: [] } } },
    { $project: { xid: 1 } },
  ];
}

function rangePipeline(tenant: string, range: EventRange, visibility: EventVisibility): Document[] {
  const { xids, descending, after, limit } = range;
  const owner = { tenant, xids: xids.length === 1 ? xids[0] : { $in: xids } };
  const direction = descending ? -1 : 1;
  const sort = [{ $sort: { time: direction, eventId: direction, datasetId: direction } }, { $limit: limit }];
  const later = [{ $match: { ...owner, ...timeBounds(range), ...visibleEvents(visibility) } }, ...sort];
  if (after === undefined || !isWithin(after.time, range)) return later;
  const [onwards, notYet] = descending ? ['$lte', '$gte'] : ['$gte', '$lte'];
  return [
    {
      $match: {
        ...owner,
        time: after.time,
        eventId: { [onwards]: after.eventId },
        ...visibleEvents(visibility, [{ eventId: after.eventId, datasetId: { [notYet]: after.datasetId } }]),
      },
    },
    { $sort: { eventId: direction, datasetId: direction } },
    { $limit: limit },
    { $unionWith: { coll: 'events', pipeline: later } },
    { $limit: limit },
  ];
}

function isWithin(time: number, { from = -Infinity, to = Infinity }: EventRange): boolean {
  return from <= time && time < to;
}

/** Every bound is always sent, so that the plan is the same whichever are asked for. */
function timeBounds({ from = -Infinity, to = Infinity, descending, after }: EventRange): Document {
  const later = !descending && after !== undefined && after.time >= from;
  const earlier = descending && after !== undefined && after.time < to;
  return { time: { [later ? '$gt' : '$gte']: later ? after.time : from, $lt: earlier ? after.time : to } };
}
