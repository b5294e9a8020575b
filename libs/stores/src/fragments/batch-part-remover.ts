import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { acceptedAtOfVersion, ageOfVersion, isOfBatch, withoutVersions } from '@tessera/domain';
import { available, unorderedBulk } from '../bulk.js';
import type { FragmentDocument } from './fragment-document.js';
import { batchesWithin, fragmentDocument, unchangedFragment } from './fragment-write.js';

/** Takes the rows of batches out of fragments that other records have a part in too. */
export class BatchPartRemover {
  constructor(private readonly fragments: Collection<FragmentDocument>) {}

  /**
   * Takes a batch out of some of the fragments it has a part in. One that is written to meanwhile stays for the next time.
   *
   * @returns how many were looked at; 0 when nothing is left of the batch.
   */
  async removeSome(tenant: Tenant, batchId: string, limit: number): Promise<number> {
    const found = await available(
      this.fragments
        .find({ tenant: tenantKey(tenant), batchIds: batchId })
        .limit(limit)
        .toArray(),
    );
    await unorderedBulk(
      this.fragments,
      found.map((fragment) => withoutBatch(tenant, fragment, batchId)),
    );
    return found.length;
  }
}

function withoutBatch(
  tenant: Tenant,
  before: FragmentDocument,
  batchId: string,
): AnyBulkWriteOperation<FragmentDocument> {
  const filter = unchangedFragment(before);
  const state = withoutVersions(before, (version) => isOfBatch(version, batchId));
  if (state === undefined) return { deleteOne: { filter } };
  const { version } = state;
  const batchIds = batchesWithin(state, before.batchIds ?? []);
  if (version === before.version)
    return { replaceOne: { filter, replacement: fragmentDocument(tenant, before, state, batchIds) } };
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
