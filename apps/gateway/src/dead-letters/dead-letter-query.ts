import { deadLetterReasons, type DeadLetterReason } from '@tessera/contracts';
import type { ParameterSchema } from '@tessera/http';
import type { DeadLetterFilter } from '@tessera/stores';

/** Which dead letters a request means; what is left out selects nothing away. */
export interface DeadLetterSelection {
  readonly datasetId?: string;
  readonly reason?: DeadLetterReason;
  readonly from?: string;
  readonly to?: string;
}

const instant = (description: string): ParameterSchema => ({ type: 'string', format: 'date-time', description });

export const selectionSchemas = {
  datasetId: { type: 'string' },
  reason: { type: 'string', enum: [...deadLetterReasons] },
  from: instant('Accepted at this instant or later'),
  to: instant('Accepted before this instant'),
};

export function filterOf({ datasetId, reason, from, to }: DeadLetterSelection): DeadLetterFilter {
  return {
    ...(datasetId !== undefined && { datasetId }),
    ...(reason !== undefined && { reason }),
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
  };
}
