import type { JsonObject, RecordEnvelope, RecordOperation, Tenant } from '@tessera/contracts';
import type { Acceptance } from '@tessera/domain';

/** How a record arrived by one of the doors, streamed or in a batch. */
export interface Arrival {
  readonly tenant: Tenant;
  readonly datasetId: string;
  readonly operation: RecordOperation;
  readonly acceptance: Acceptance;
  readonly batchId?: string;
  /** Whether its event stands beside the ones it may replace until its batch is whole (`replay`). */
  readonly staged?: true;
}

/** With the record itself, of which nothing has been looked at. */
export interface UnreadArrival extends Arrival {
  /** The record: what the envelope carries as `xdmEntity`. */
  readonly entity: JsonObject;
  /** What was sent around the record; rows of files have none. */
  readonly envelope?: RecordEnvelope;
  /** Whether its scalars take the types its schema gives them, as those of files do (spec 03-ingestion, "Batches"). */
  readonly convertible?: boolean;
}
