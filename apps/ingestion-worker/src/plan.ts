import type { Outcome } from '@tessera/contracts';
import { acceptanceOrder, businessSchemaOf, versionOf, type ReadableRecord } from '@tessera/domain';
import { fragmentId, storedEventId, type EventWrite, type FragmentWrite } from '@tessera/stores';
import type { Arrival } from './arrival.js';

/** A record that can be applied, with how it arrived. */
export interface Readable {
  readonly arrival: Arrival;
  readonly record: ReadableRecord;
  /** Schema of the dataset. */
  readonly schemaId: string;
}

/** What one tenant's part of a batch writes: per fragment the newest record, per event id the first accepted. */
export interface Plan {
  readonly fragments: readonly Planned<FragmentWrite>[];
  readonly events: readonly Planned<EventWrite>[];
}

/** A write, and the records it stands for: the one it comes from, and those folded into it. */
export interface Planned<Write> {
  readonly write: Write;
  readonly from: Readable;
  readonly folded: readonly Readable[];
}

/** Folds the records of one tenant so that each fragment and each event is written once. */
export function planWrites(records: readonly Readable[]): Plan {
  const fragments = new Map<string, Fold<FragmentWrite>>();
  const events = new Map<string, Fold<EventWrite>>();
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

interface Fold<Write> {
  write: Write;
  from: Readable;
  folded: Readable[];
}

function fold<Write>(
  folds: Map<string, Fold<Write>>,
  id: string,
  write: Write,
  from: Readable,
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
