import type { AnyBulkWriteOperation } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { acceptedAtOfVersion, ageOfVersion, isOfBatch, withoutVersions } from '@tessera/domain';
import type { FragmentDocument } from './fragment-document.js';
import { batchesWithin, fragmentDocument, unchangedFragment } from './fragment-write.js';

/**
 * Takes certain records out of a fragment, unless somebody writes to it meanwhile: then it stays as it is for another try.
 *
 * @param taken tells the records by their versions.
 */
export function withoutRecords(
  tenant: Tenant,
  before: FragmentDocument,
  taken: (version: string) => boolean,
): AnyBulkWriteOperation<FragmentDocument> {
  const filter = unchangedFragment(before);
  const state = withoutVersions(before, taken);
  if (state === undefined) return { deleteOne: { filter } };
  const { version } = state;
  const batchIds = batchesWithin(state, before.batchIds ?? []);
  if (version === before.version) {
    return { replaceOne: { filter, replacement: fragmentDocument(tenant, before, state, batchIds) } };
  }
  const { batchId: _batchId, ...rest } = before;
  const ofBatch = batchIds.find((id) => isOfBatch(version, id));
  const newest = {
    ...rest,
    age: ageOfVersion(version),
    acceptedAt: acceptedAtOfVersion(version),
    ...(ofBatch !== undefined && { batchId: ofBatch }),
  };
  return { replaceOne: { filter, replacement: fragmentDocument(tenant, newest, state, batchIds) } };
}
