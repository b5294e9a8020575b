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
   * @returns how many were looked at, and whose they are; 0 when nothing is left of the batch.
   */
  async removeSome(
    tenant: Tenant,
    batchId: string,
    limit: number,
  ): Promise<{ readonly rows: number; readonly xids: readonly string[] }> {
    const found = await available(
      this.fragments
        .find({ tenant: tenantKey(tenant), batchIds: batchId })
        .limit(limit)
        .toArray(),
    );
    await unorderedBulk(
      this.fragments,
      found.map((fragment) => withoutRecords(tenant, fragment, (version) => isOfBatch(version, batchId))),
    );
    return { rows: found.length, xids: [...new Set(found.map(({ xid }) => xid))] };
  }
}
