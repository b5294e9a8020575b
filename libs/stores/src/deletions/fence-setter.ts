import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import {
  ALWAYS,
  fenceId,
  fenceKey,
  type DeletionFenceDocument,
  type FenceSubject,
  type FenceVersionDocument,
} from './deletion-fence.js';

/** Sets fences, within the transaction that accepts a deletion. */
export class FenceSetter {
  private readonly fences: Collection<DeletionFenceDocument>;
  private readonly versions: Collection<FenceVersionDocument>;

  constructor(database: Database) {
    this.fences = database.collection('deletion_fences');
    this.versions = database.collection('deletion_fence_versions');
  }

  /**
   * Puts fences before everything that some subjects were accepted up to a moment (epoch ms), and makes writers look.
   *
   * @param deletionId of the deletion, for which the fences stay open until {@link close}.
   */
  async set(
    tenant: Tenant,
    subjects: readonly FenceSubject[],
    at: number,
    deletionId: string,
    session?: ClientSession,
  ): Promise<void> {
    const options = session ? { session } : {};
    const operations = subjects.map((subject): AnyBulkWriteOperation<DeletionFenceDocument> => {
      const filter = { _id: fenceId(tenant, subject), tenant: tenantKey(tenant) };
      const named = { kind: subject.kind, key: fenceKey(subject) };
      const update = { $set: named, $max: { at }, $addToSet: { open: deletionId } };
      return { updateOne: { filter, update, upsert: true } };
    });
    if (operations.length > 0) await available(this.fences.bulkWrite(operations, { ...options, ordered: false }));
    const people = subjects.some(({ kind }) => kind === 'person');
    await available(
      this.versions.updateOne(
        { _id: tenantKey(tenant) },
        { $inc: { version: 1 }, ...(people && { $set: { people: true as const } }) },
        { ...options, upsert: true },
      ),
    );
  }

  /** Notes that nothing from before the fences of a deletion is stored any more. They stand all the same. */
  async close(tenant: Tenant, deletionId: string): Promise<void> {
    const key = tenantKey(tenant);
    // Named twice: the index on open fences is of those that have an element.
    const filter = { tenant: key, open: deletionId, 'open.0': { $exists: true } };
    await available(this.fences.updateMany(filter, { $pull: { open: deletionId } }));
  }

  /**
   * Makes whoever believes to know which identities the graph has ask anew. To be called once identities are marked to be
   * removed, before anybody looks whether something still speaks of them.
   */
  async announceVanishing(tenant: Tenant): Promise<void> {
    const _id = tenantKey(tenant);
    // Refused when two are the first at once; the other one's document is there then.
    const operation = { updateOne: { filter: { _id }, update: { $inc: { version: 0, vanishings: 1 } }, upsert: true } };
    while ((await unorderedBulk(this.versions, [operation])).length > 0);
  }

  /** Ends the fence of a whole sandbox at a moment (epoch ms), after which its name may mean another one. */
  async endSandbox(tenant: Tenant, at: number): Promise<void> {
    const filter = { _id: fenceId(tenant, { kind: 'sandbox' }), tenant: tenantKey(tenant), at: ALWAYS };
    await available(this.fences.updateOne(filter, { $set: { at } }));
    await available(this.versions.updateOne({ _id: tenantKey(tenant) }, { $inc: { version: 1 } }));
  }
}
