import type { JsonObject, RecordOperation } from '@tessera/contracts';
import type { ReadableRecord } from '@tessera/domain';
import type { Arrival } from './arrival.js';
import type { Fencing } from './fencing.js';

/** A record that can be applied, with how it arrived and what its dataset makes of it. */
export interface Readable<Arrived extends Arrival = Arrival> {
  readonly arrival: Arrived;
  /** What it does in its dataset. */
  readonly operation: RecordOperation;
  readonly record: Omit<ReadableRecord, 'ok' | 'body'>;
  /**
   * What the record says: whole, as JSON text; or of a merge the fields to change, `null` for one to clear. Absent for one
   * that deletes, and where nobody asked for it.
   */
  readonly body?: string | JsonObject;
  /** Schema of the dataset's class. */
  readonly schemaId: string;
  /** Whether the dataset feeds the identity graph. */
  readonly links: boolean;
  /** Milliseconds that the dataset keeps its events, from their timestamps on; for ever when absent. */
  readonly keptFor?: number;
  /** What was deleted before it came. */
  readonly fencing: Fencing;
}
