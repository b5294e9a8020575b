import type { JsonObject } from '@tessera/contracts';

/** One person of an export. */
export interface ExportedRow {
  readonly profile: JsonObject;
  /** Where events are wanted; oldest first. */
  readonly events?: readonly JsonObject[];
  /** Characters of the records it was made of: about what it weighs in memory. */
  readonly weight: number;
}

/** Turns the rows of one file into bytes, holding no more of them than it must. */
export interface RowEncoder {
  add(row: ExportedRow): void;
  /** The bytes that are ready; empty while rows are being gathered. */
  take(): Uint8Array;
  /** The remaining bytes. Nothing can be added after that. */
  end(): Uint8Array;
}
