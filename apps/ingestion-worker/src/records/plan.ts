import type { Outcome } from '@tessera/contracts';
import { acceptanceOrder, businessSchemaOf, versionOf } from '@tessera/domain';
import { fragmentId, storedEventId, type EventWrite, type FragmentWrite } from '@tessera/stores';
import type { Arrival } from './arrival.js';
import type { Readable } from './readable.js';

/** What one tenant's part of a batch writes: per fragment the newest record, per event id the first accepted. */
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

/** Folds the records of one tenant so that each fragment and each event is written once. */
export function planWrites<Arrived extends Arrival>(records: readonly Readable<Arrived>[]): Plan<Arrived> {
  const fragments = new Map<string, Fold<FragmentWrite, Arrived>>();
  const events = new Map<string, Fold<EventWrite, Arrived>>();
  for (const readable of records) {
    const { datasetId } = readable.arrival;
    const { eventId, identities } = readable.record;
    if (eventId === undefined) {
      const write = fragmentWrite(readable);
      fold(fragments, fragmentId(datasetId, identities[0].xid), write, readable, (a, b) => a.version > b.version);
    } else {
      const write = eventWrite(readable, eventId);
      fold(events, storedEventId(datasetId, eventId), write, readable, (a, b) => a.order < b.order);
    }
  }
  return { fragments: [...fragments.values()], events: [...events.values()] };
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

/** What becomes of a record that another of its batch overtook. */
export function foldedOutcome(readable: Readable): Outcome {
  return readable.record.eventId === undefined ? { kind: 'applied', effect: 'superseded' } : { kind: 'duplicate' };
}

function fragmentWrite({ arrival, record, schemaId }: Readable): FragmentWrite {
  const schema = businessSchemaOf(schemaId);
  return {
    datasetId: arrival.datasetId,
    xid: record.identities[0].xid,
    age: record.age,
    version: versionOf(record.age, arrival.acceptance),
    acceptedAt: arrival.acceptance.acceptedAt,
    ...(arrival.batchId !== undefined && { batchId: arrival.batchId }),
    ...(schema !== undefined && { schema }),
    ...(arrival.operation !== 'delete' && { body: JSON.stringify(record.body) }),
  };
}

function eventWrite({ arrival, record }: Readable, eventId: string): EventWrite {
  return {
    datasetId: arrival.datasetId,
    eventId,
    xids: record.identities.map(({ xid }) => xid),
    time: record.age,
    acceptedAt: arrival.acceptance.acceptedAt,
    order: acceptanceOrder(arrival.acceptance),
    ...(arrival.batchId !== undefined && { batchId: arrival.batchId }),
    body: JSON.stringify(record.body),
  };
}
