import type { Outcome } from '@tessera/contracts';
import { acceptanceOrder, businessSchemaOf, versionOf } from '@tessera/domain';
import {
  expireAt,
  fragmentId,
  isPartial,
  storedEventId,
  type EventWrite,
  type FragmentEffect,
  type FragmentWrite,
} from '@tessera/stores';
import type { Arrival } from './arrival.js';
import type { Readable } from './readable.js';

/** What one tenant's part of a batch writes: per fragment what is not overtaken, per event id the first accepted. */
export interface Plan<Arrived extends Arrival> {
  readonly fragments: readonly Planned<FragmentWrite, Arrived>[];
  readonly events: readonly Planned<EventWrite, Arrived>[];
}

/** A write, and the records it stands for: the one it comes from, and those folded into it. */
export interface Planned<Write, Arrived extends Arrival> {
  readonly write: Write;
  readonly from: Readable<Arrived>;
  readonly folded: readonly Readable<Arrived>[];
}

/**
 * Folds the records of one tenant so that each event is written once, and each fragment once unless partial records are
 * to be merged into it.
 */
export function planWrites<Arrived extends Arrival>(records: readonly Readable<Arrived>[]): Plan<Arrived> {
  const whole = new Map<string, Fold<FragmentWrite, Arrived>>();
  const partial: Fold<FragmentWrite, Arrived>[] = [];
  const events = new Map<string, Fold<EventWrite, Arrived>>();
  for (const readable of records) {
    const { datasetId } = readable.arrival;
    const { eventId } = readable.record;
    if (eventId !== undefined) {
      const write = eventWrite(readable, eventId);
      fold(events, storedEventId(datasetId, eventId), write, readable, (a, b) => a.order < b.order);
      continue;
    }
    const write = fragmentWrite(readable);
    if (isPartial(write)) partial.push({ write, from: readable, folded: [] });
    else fold(whole, fragmentId(datasetId, write.xid), write, readable, (a, b) => a.version > b.version);
  }
  return { fragments: [...whole.values(), ...notOvertaken(partial, whole)], events: [...events.values()] };
}

/** The partial records that are newer than what replaces or deletes their whole fragment; the others are folded into it. */
function notOvertaken<Arrived extends Arrival>(
  partial: readonly Fold<FragmentWrite, Arrived>[],
  whole: ReadonlyMap<string, Fold<FragmentWrite, Arrived>>,
): Fold<FragmentWrite, Arrived>[] {
  return partial.filter(({ write, from }) => {
    const by = whole.get(fragmentId(write.datasetId, write.xid));
    if (by === undefined || by.write.version < write.version) return true;
    by.folded.push(from);
    return false;
  });
}

interface Fold<Write, Arrived extends Arrival> {
  write: Write;
  from: Readable<Arrived>;
  folded: Readable<Arrived>[];
}

function fold<Write, Arrived extends Arrival>(
  folds: Map<string, Fold<Write, Arrived>>,
  id: string,
  write: Write,
  from: Readable<Arrived>,
  wins: (challenger: Write, holder: Write) => boolean,
): void {
  const held = folds.get(id);
  if (!held) folds.set(id, { write, from, folded: [] });
  else if (wins(write, held.write)) {
    held.folded.push(held.from);
    held.write = write;
    held.from = from;
  } else held.folded.push(from);
}

/** What becomes of a planned write to a fragment, and of the records folded into it: overtaken ones were applied too. */
export function fragmentOutcomes<Arrived extends Arrival>(
  { from, folded }: Planned<FragmentWrite, Arrived>,
  effect: FragmentEffect,
): [Arrived, Outcome][] {
  return [
    [from.arrival, { kind: 'applied', effect }],
    ...folded.map(({ arrival }): [Arrived, Outcome] => [arrival, { kind: 'applied', effect: 'superseded' }]),
  ];
}

/**
 * What becomes of a planned event and of those folded into it: the one that took the id was stored, whichever of them is
 * kept; every other is a duplicate.
 */
export function eventOutcomes<Arrived extends Arrival>(
  { from, folded }: Planned<EventWrite, Arrived>,
  takenBy: string,
): [Arrived, Outcome][] {
  let stored = false;
  return [from, ...folded].map(({ arrival }): [Arrived, Outcome] => {
    if (stored || acceptanceOrder(arrival.acceptance) !== takenBy) return [arrival, { kind: 'duplicate' }];
    stored = true;
    return [arrival, { kind: 'applied', effect: 'stored' }];
  });
}

function fragmentWrite({ arrival, record, body, schemaId }: Readable): FragmentWrite {
  const schema = businessSchemaOf(schemaId);
  return {
    datasetId: arrival.datasetId,
    xid: record.identities[0].xid,
    age: record.age,
    version: versionOf(record.age, arrival.acceptance),
    acceptedAt: arrival.acceptance.acceptedAt,
    ...(arrival.batchId !== undefined && { batchId: arrival.batchId }),
    ...(schema !== undefined && { schema }),
    ...(typeof body === 'string' ? { body } : body !== undefined && { partial: body }),
  };
}

function eventWrite({ arrival, record, body, keptFor }: Readable, eventId: string): EventWrite {
  return {
    datasetId: arrival.datasetId,
    eventId,
    xids: record.identities.map(({ xid }) => xid),
    time: record.age,
    acceptedAt: arrival.acceptance.acceptedAt,
    order: acceptanceOrder(arrival.acceptance),
    ...(keptFor !== undefined && { expireAt: expireAt(record.age, keptFor) }),
    ...(arrival.batchId !== undefined && { batchId: arrival.batchId }),
    ...(arrival.staged && { staged: true as const }),
    body: typeof body === 'string' ? body : '{}',
  };
}
