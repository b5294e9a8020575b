import { tenantKey, type Effect, type JsonObject, type Tenant } from '@tessera/contracts';
import { isOfBatch, versionsOf, type FragmentState } from '@tessera/domain';
import { fragmentId, type FragmentDocument } from './fragment-document.js';

/** A record to be stored whole as `body`, to be merged in as `partial`, or with neither to be deleted. */
export interface FragmentWrite extends Omit<FragmentDocument, '_id' | 'tenant' | 'deleted' | 'fieldVersions'> {
  /** Fields to change, `null` for one to clear, as `readRecord` of the domain gives them. */
  readonly partial?: JsonObject;
}

/** What a fragment makes of a record. */
export type FragmentEffect = Exclude<Effect, 'not-enabled' | 'deleted'>;

export function isPartial({ partial }: FragmentWrite): boolean {
  return partial !== undefined;
}

/** The document of a fragment in a state, with everything else from the newest record. */
export function fragmentDocument(
  tenant: Tenant,
  newest: Omit<FragmentWrite, 'version' | 'body' | 'partial'>,
  { version, body, fieldVersions }: FragmentState,
  batchIds: readonly string[] = [],
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
    ...(fieldVersions !== undefined && batchIds.length > 0 && { batchIds }),
  };
}

/** Those of some batches whose rows have a part in a state, sorted. */
export function batchesWithin(state: FragmentState, batchIds: Iterable<string | undefined>): string[] {
  const known = [...new Set(batchIds)].filter((id) => id !== undefined);
  if (known.length === 0) return [];
  const versions = [...versionsOf(state)];
  return known.filter((id) => versions.some((version) => isOfBatch(version, id))).sort();
}

/** A document as long as nobody else has changed it: whatever has an effect on a fragment is noted in its versions. */
export function unchangedFragment({ _id, tenant, xid, version, fieldVersions }: FragmentDocument) {
  return { _id, tenant, xid, version, fieldVersions: fieldVersions ?? { $exists: false } };
}
