import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { acceptedAtOfVersion, versionsOf } from '@tessera/domain';
import { available, BY_ID, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { inSlices } from '../slices.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { withoutRecords } from './without-records.js';

/** A fragment in which something accepted up to some moment may have a part. */
export type FoundFragment = Pick<FragmentDocument, '_id' | 'xid' | 'acceptedAt'> & { readonly isMerged: boolean };

/** Bodies of merged fragments read at once. */
const MERGED_AT_ONCE = 200;

/**
 * Removes what was accepted up to a moment: fragments, and of those that several records made, the part of the records from
 * before. What those had replaced does not come back. Safe beside writers, and to be repeated.
 */
export class FragmentRemover {
  private readonly fragments: Collection<FragmentDocument>;

  constructor(database: Database) {
    this.fragments = database.collection('fragments');
  }

  /** Some fragments of a dataset in the order of their ids, after one, whenever they were accepted. */
  async ofDataset(
    tenant: Tenant,
    datasetId: string,
    after: string | undefined,
    limit: number,
  ): Promise<FoundFragment[]> {
    const first = fragmentId(datasetId, '');
    // Ids of a dataset's fragments begin with its own and a dot; `/` comes right after the dot.
    return this.find({ _id: { $gt: after ?? first, $lt: `${datasetId}/` }, tenant: tenantKey(tenant) }, limit);
  }

  /** All fragments of some identities. */
  async ofPeople(tenant: Tenant, xids: readonly string[]): Promise<FoundFragment[]> {
    return inSlices(xids, (some) => this.find({ tenant: tenantKey(tenant), xid: { $in: some } }), 100);
  }

  /**
   * Removes from fragments what was accepted at a moment (epoch ms) or before.
   *
   * @param session of a transaction that this is a part of.
   * @returns how many fragments are gone or have lost a part. One that is written to meanwhile may stay for another try.
   */
  async remove(tenant: Tenant, found: readonly FoundFragment[], at: number, session?: ClientSession): Promise<number> {
    const plain = found.filter(({ isMerged, acceptedAt }) => !isMerged && acceptedAt <= at).map(({ _id }) => _id);
    const merged = found.filter(({ isMerged }) => isMerged).map(({ _id }) => _id);
    const whole = await this.removePlain(tenant, plain, at, session);
    return whole + (await this.removeParts(tenant, merged, at, session));
  }

  /** The same for fragments whose state is not known; `ids` are `fragmentId`s. */
  async removeAmong(tenant: Tenant, ids: readonly string[], at: number): Promise<number> {
    return (await this.removePlain(tenant, ids, at)) + (await this.removeParts(tenant, ids, at));
  }

  private async removePlain(
    tenant: Tenant,
    ids: readonly string[],
    at: number,
    session?: ClientSession,
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const filter = { _id: { $in: [...ids] }, tenant: tenantKey(tenant), fieldVersions: { $exists: false } };
    const { deletedCount } = await available(
      this.fragments.deleteMany({ ...filter, acceptedAt: { $lte: at } }, { hint: BY_ID, ...(session && { session }) }),
    );
    return deletedCount;
  }

  private async removeParts(
    tenant: Tenant,
    ids: readonly string[],
    at: number,
    session?: ClientSession,
  ): Promise<number> {
    let removed = 0;
    for (let from = 0; from < ids.length; from += MERGED_AT_ONCE) {
      const some = ids.slice(from, from + MERGED_AT_ONCE);
      const filter = { _id: { $in: [...some] }, tenant: tenantKey(tenant), fieldVersions: { $exists: true } };
      const isGone = (version: string) => acceptedAtOfVersion(version) <= at;
      const found = await available(
        this.fragments.find(filter, { hint: BY_ID, ...(session && { session }) }).toArray(),
      );
      const concerned = found.filter((fragment) => [...versionsOf(fragment)].some(isGone));
      await unorderedBulk(
        this.fragments,
        concerned.map((fragment) => withoutRecords(tenant, fragment, isGone)),
        session,
      );
      removed += concerned.length;
    }
    return removed;
  }

  private async find(filter: Filter<FragmentDocument>, limit = 0): Promise<FoundFragment[]> {
    const projection = { xid: 1, acceptedAt: 1, isMerged: { $ne: [{ $type: '$fieldVersions' }, 'missing'] } };
    const found = this.fragments.find<FoundFragment>(filter, { projection });
    return available((limit > 0 ? found.sort({ _id: 1 }).limit(limit) : found).toArray());
  }
}
