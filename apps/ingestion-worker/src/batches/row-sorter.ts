import type { DeadLetterReason, Fault, JsonObject } from '@tessera/contracts';
import { isFaulty, type FileRow } from '@tessera/record-files';
import type { Batch } from '@tessera/stores';
import type { Readable } from '../records/readable.js';
import type { RecordReader } from '../records/record-reader.js';
import { batchArrival, withoutEntity, type BatchArrival, type UnreadBatchArrival } from './batch-arrival.js';

/** A row that is no record of its dataset. */
export interface BadRow {
  readonly row: number;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
  /** As far as it could be read. */
  readonly record?: JsonObject;
  /** The row as it stands in the file, where it could not be read. */
  readonly text?: string;
}

/** Every row in exactly one of these. */
export interface SortedRows {
  readonly readable: readonly Readable<BatchArrival>[];
  /** Rows of a dataset that does not feed profiles. */
  readonly passedOver: readonly BatchArrival[];
  /** Rows whose dataset, batch or person was deleted after the batch was completed. */
  readonly deleted: readonly BatchArrival[];
  /** In the order of the file. */
  readonly bad: readonly BadRow[];
}

/** Where records stand in the streaming envelope; the rows of a file have none. */
const ENVELOPE = '/body/xdmEntity';

/**
 * Sorts the rows of a file by the same rules as streamed records.
 *
 * @param bodies whether what the readable ones say is wanted too.
 * @throws UnavailableError
 */
export async function sortRows(
  reader: RecordReader,
  batch: Batch,
  file: number,
  rows: readonly FileRow[],
  bodies: boolean,
): Promise<SortedRows> {
  const bad: BadRow[] = [];
  const arrivals: UnreadBatchArrival[] = [];
  for (const row of rows) {
    if (isFaulty(row)) {
      const { fault, ...rest } = row;
      bad.push({ ...rest, faults: [fault] });
    } else arrivals.push(batchArrival(batch, file, row.row, row.record));
  }
  const { readable, passedOver, deleted, refused } = await reader.read(arrivals, bodies);
  for (const { arrival, reason, faults } of refused) {
    bad.push({ row: arrival.row, reason, faults: faults.map(withoutEnvelope), record: arrival.entity });
  }
  bad.sort((a, b) => a.row - b.row);
  if (!bodies) return { readable, passedOver, deleted, bad };
  return {
    readable: readable.map((one) => ({ ...one, arrival: withoutEntity(one.arrival) })),
    passedOver: passedOver.map(withoutEntity),
    deleted: deleted.map(withoutEntity),
    bad,
  };
}

function withoutEnvelope({ path, message }: Fault): Fault {
  return { path: path.startsWith(ENVELOPE) ? path.slice(ENVELOPE.length) : path, message };
}
