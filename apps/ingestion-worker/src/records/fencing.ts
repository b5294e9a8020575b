import { statedXids } from '@tessera/domain';
import type { FenceTable } from '@tessera/stores';
import type { Arrival, UnreadArrival } from './arrival.js';
import type { Readable } from './readable.js';

/** How a record stands to what was deleted. */
export interface Fencing {
  /** Of the sandbox's fences, as they were looked at. */
  readonly version: number;
  /** Up to when (epoch ms) everything in the record's place is gone; `-Infinity` where nothing was deleted. */
  readonly before: number;
  /** Whether something from before may still stand in its place, and be in the way. */
  readonly isOpen: boolean;
  /** The latest deletion (epoch ms) that any of its identities or its source had before the record was accepted. */
  readonly since?: number;
  /** Identities of the record that were deleted after it was accepted: it says nothing of them any more. XIDs. */
  readonly forgotten: ReadonlySet<string>;
}

export const UNFENCED: Fencing = { version: 0, before: -Infinity, isOpen: false, forgotten: new Set() };

/** A record with how it stands to what was deleted. */
export interface FencedRecords<Arrived extends Arrival> {
  readonly kept: Readable<Arrived>[];
  /** Accepted before a deletion that concerns them: they say nothing any more. */
  readonly deleted: Readable<Arrived>[];
}

/**
 * Divides records by the fences of their sandbox. A record is stored under its primary identity and goes with it; an event
 * is stored under every identity and goes with each of them.
 */
export function fence<Arrived extends Arrival>(
  records: readonly Readable<Arrived>[],
  table: FenceTable,
): FencedRecords<Arrived> {
  const fenced: FencedRecords<Arrived> = { kept: [], deleted: [] };
  for (const readable of records) {
    const fencing = table.isEmpty ? { ...UNFENCED, version: table.version } : fencingOf(readable, table);
    const isDeleted = fencing.before >= readable.arrival.acceptance.acceptedAt;
    fenced[isDeleted ? 'deleted' : 'kept'].push({ ...readable, fencing });
  }
  return fenced;
}

/** Whether an arrival that cannot be read is of something that was deleted, or says that it is about somebody who was. */
export function isDeletedUnread(arrival: UnreadArrival, table: FenceTable): boolean {
  if (table.isEmpty) return false;
  const { tenant, entity, acceptance } = arrival;
  return table.latest(arrival, statedXids(tenant, entity['identityMap'])) >= acceptance.acceptedAt;
}

function fencingOf({ arrival, record }: Readable, table: FenceTable): Fencing {
  const { acceptedAt } = arrival.acceptance;
  const xids = record.identities.map(({ xid }) => xid);
  const stored = record.eventId === undefined ? xids.slice(0, 1) : xids;
  const times = [table.ofSource(arrival), ...xids.map((xid) => table.ofPerson(xid))];
  const since = Math.max(...times.filter((at) => at < acceptedAt));
  return {
    version: table.version,
    before: table.latest(arrival, stored),
    isOpen: table.isOpen(arrival, stored),
    ...(since > -Infinity && { since }),
    forgotten: new Set(xids.filter((xid) => table.ofPerson(xid) >= acceptedAt)),
  };
}
