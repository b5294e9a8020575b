import type { Filter, UpdateFilter } from 'mongodb';
import { tenantKey, type DeadLetterReason, type Tenant } from '@tessera/contracts';
import type { StoredDeadLetter } from './dead-letter-document.js';

/** Which dead letters are asked for. Times are epoch ms: `from` inclusive, `to` exclusive, both of the acceptance. */
export interface DeadLetterFilter {
  readonly datasetId?: string;
  readonly reason?: DeadLetterReason;
  readonly from?: number;
  readonly to?: number;
}

/** Those of a tenant that are not done with. */
export function deadLetterQuery(
  tenant: Tenant,
  { datasetId, reason, from, to }: DeadLetterFilter = {},
): Filter<StoredDeadLetter> {
  return {
    tenant: tenantKey(tenant),
    done: { $exists: false },
    ...(datasetId !== undefined && { datasetId }),
    ...(reason !== undefined && { reason }),
    ...((from !== undefined || to !== undefined) && {
      acceptedAt: {
        ...(from !== undefined && { $gte: new Date(from) }),
        ...(to !== undefined && { $lt: new Date(to) }),
      },
    }),
  };
}

/** Leaves of a dead letter only that there was one. */
export const DONE = {
  $set: { done: true as const, record: Buffer.alloc(0), headers: [], faults: [] },
  $unset: { correction: '' as const, replay: '' as const },
} satisfies UpdateFilter<StoredDeadLetter>;
