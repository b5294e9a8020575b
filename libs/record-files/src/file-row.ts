import type { DeadLetterReason, Fault, JsonObject } from '@tessera/contracts';

/** Why a row of a file is no record, before any rule of its dataset is asked. */
export type RowFaultReason = Extract<DeadLetterReason, 'malformed-message' | 'too-large' | 'unsafe-integer'>;

/** A row that holds a record. */
export interface RecordRow {
  /** Number in the file, from 0, of all that could be a record: blank lines are not counted. The same at every reading. */
  readonly row: number;
  readonly record: JsonObject;
}

/** A row that cannot be read. */
export interface FaultyRow {
  readonly row: number;
  readonly reason: RowFaultReason;
  /** `path` is a JSON Pointer into the record. */
  readonly fault: Fault;
  /** The row as it stands in the file, cut where it is long; absent where the file holds no text. */
  readonly text?: string;
  /** What could be read of it, where the file holds values instead of text. */
  readonly record?: JsonObject;
}

/** One row: its record, or why it cannot be read. */
export type FileRow = RecordRow | FaultyRow;

/** Whether a row is one that cannot be read. */
export function isFaulty(row: FileRow): row is FaultyRow {
  return 'fault' in row;
}
