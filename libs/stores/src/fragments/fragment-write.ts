import { tenantKey, type Effect, type JsonObject, type Tenant } from '@tessera/contracts';
import type { FragmentState } from '@tessera/domain';
import { fragmentId, type FragmentDocument } from './fragment-document.js';

/** A record to be stored whole as `body`, to be merged in as `partial`, or with neither to be deleted. */
export interface FragmentWrite extends Omit<FragmentDocument, '_id' | 'tenant' | 'deleted' | 'fieldVersions'> {
  /** Fields to change, `null` for one to clear, as `readRecord` of the domain gives them. */
  readonly partial?: JsonObject;
}

/** What a fragment makes of a record. */
export type FragmentEffect = Exclude<Effect, 'not-enabled'>;

export function isPartial({ partial }: FragmentWrite): boolean {
  return partial !== undefined;
}

/** The document of a fragment in a state, with everything else from the newest record. */
export function fragmentDocument(
  tenant: Tenant,
  newest: Omit<FragmentWrite, 'version'>,
  { version, body, fieldVersions }: FragmentState,
): FragmentDocument {
  const { datasetId, xid, age, acceptedAt, batchId, schema } = newest;
  return {
    _id: fragmentId(datasetId, xid),
    tenant: tenantKey(tenant),
    datasetId,
    xid,
    age,
    version,
    acceptedAt,
    ...(batchId !== undefined && { batchId }),
    ...(schema !== undefined && { schema }),
    ...(body === undefined ? { deleted: true as const } : { body }),
    ...(fieldVersions !== undefined && { fieldVersions }),
  };
}
