import type { JsonObject } from '@tessera/contracts';
import { batchPosition, type Acceptance } from '@tessera/domain';
import type { Batch } from '@tessera/stores';
import type { Arrival, UnreadArrival } from '../records/arrival.js';

/** A record that a row of a file of a batch holds. */
export interface BatchArrival extends Arrival {
  readonly batchId: string;
  /** Number of the row in its file. */
  readonly row: number;
}

/** With the record itself. */
export type UnreadBatchArrival = BatchArrival & UnreadArrival;

/** What is left of a row once it is read; what it said is let go, so that memory does not hold it until it is written. */
export function withoutEntity(arrival: UnreadBatchArrival): BatchArrival {
  const { tenant, datasetId, operation, acceptance, batchId, staged, row } = arrival;
  return { tenant, datasetId, operation, acceptance, batchId, ...(staged && { staged }), row };
}

/** A row's record as accepted when its batch was completed. */
export function batchArrival(batch: Batch, file: number, row: number, entity: JsonObject): UnreadBatchArrival {
  return {
    tenant: batch.tenant,
    datasetId: batch.datasetId,
    operation: 'create',
    entity,
    acceptance: acceptanceOfRow(batch, file, row),
    batchId: batch.id,
    convertible: true,
    ...(batch.replay && { staged: true as const }),
    row,
  };
}

/**
 * Every row of a batch is accepted at its completion, one after the other as they stand in the files. The place is made
 * from where the row stands and nothing else, so that a row applied again is the same record.
 */
export function acceptanceOfRow(
  { id, completedAt, created }: Pick<Batch, 'id' | 'completedAt' | 'created'>,
  file: number,
  row: number,
): Acceptance {
  const place = `${file.toString(36).padStart(4, '0')}-${row.toString(36).padStart(8, '0')}`;
  return { acceptedAt: completedAt ?? created, position: batchPosition(id, place) };
}
