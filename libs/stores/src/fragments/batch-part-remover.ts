import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { isOfBatch } from '@tessera/domain';
import { available, unorderedBulk } from '../bulk.js';
import type { FragmentDocument } from './fragment-document.js';
import { withoutRecords } from './without-records.js';

/** Takes the rows of batches out of fragments that other records have a part in too. */
export class BatchPartRemover {
  constructor(private readonly fragments: Collection<FragmentDocument>) {}

  /**
   * Takes a batch out of some of the fragments it has a part in. One that is written to meanwhile stays for the next time.
   *
   * @param before told whose they are, before anything is taken out.
   * @returns how many were looked at; 0 when nothing is left of the batch.
   */
  async removeSome(
    tenant: Tenant,
    batchId: string,
    before: (xids: readonly string[]) => Promise<void>,
    limit: number,
  ): Promise<number> {
    const found = await available(
      this.fragments
        .find({ tenant: tenantKey(tenant), batchIds: batchId })
        .limit(limit)
        .toArray(),
    );
    if (found.length === 0) return 0;
    await before([...new Set(found.map(({ xid }) => xid))]);
    await unorderedBulk(
      this.fragments,
      found.map((fragment) => withoutRecords(tenant, fragment, (version) => isOfBatch(version, batchId))),
    );
    return found.length;
  }
}
