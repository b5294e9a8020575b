import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';

interface TouchedIdentityDocument {
  /** `<deletion>/<xid>`. */
  readonly _id: string;
  readonly tenant: string;
  readonly deletionId: string;
  readonly xid: string;
  /** It has been looked at since something was taken from it. */
  readonly settled?: true;
}

/**
 * Whom a deletion has taken something from: written before anything is removed, so that a deletion that is interrupted still
 * knows whom to look at, and kept until it has been verified what became of them. Always read on from the last one: what
 * was removed from an index lies there for as long as snapshots reach back, and must not be passed by again and again.
 */
export class TouchedIdentities {
  private readonly touched: Collection<TouchedIdentityDocument>;

  constructor(database: Database) {
    this.touched = database.collection('deletion_touched');
  }

  /** Notes identities; some may be noted already, and are to be looked at again. */
  async add(tenant: Tenant, deletionId: string, xids: Iterable<string>): Promise<void> {
    const key = tenantKey(tenant);
    const documents = [...new Set(xids)].map((xid) => ({ _id: `${deletionId}/${xid}`, tenant: key, deletionId, xid }));
    const known = await unorderedBulk(
      this.touched,
      documents.map((document) => ({ insertOne: { document } })),
    );
    const again = { _id: { $in: known.flatMap((index) => documents[index]?._id ?? []) }, tenant: key };
    if (known.length > 0) await available(this.touched.updateMany(again, { $unset: { settled: '' } }, { hint: BY_ID }));
  }

  /**
   * Some of the identities that are still to be looked at, in the order of their XIDs, after one; none at the end.
   *
   * @param after empty at the beginning.
   */
  unsettled(tenant: Tenant, deletionId: string, after: string, limit: number): Promise<string[]> {
    return this.some(tenant, deletionId, after, limit, { settled: { $exists: false } });
  }

  /** The same of all that were noted. */
  all(tenant: Tenant, deletionId: string, after: string, limit: number): Promise<string[]> {
    return this.some(tenant, deletionId, after, limit, {});
  }

  /** Notes that identities have been looked at. */
  async settle(tenant: Tenant, deletionId: string, xids: readonly string[]): Promise<void> {
    const filter = { _id: { $in: idsOf(deletionId, xids) }, tenant: tenantKey(tenant) };
    await available(this.touched.updateMany(filter, { $set: { settled: true } }, { hint: BY_ID }));
  }

  /** Forgets identities: nothing more is to be found out of them. */
  async forget(tenant: Tenant, deletionId: string, xids: readonly string[]): Promise<void> {
    const filter = { _id: { $in: idsOf(deletionId, xids) }, tenant: tenantKey(tenant) };
    await available(this.touched.deleteMany(filter, { hint: BY_ID }));
  }

  /**
   * Hands some of the identities that were noted for a deletion that is given up, after one, on to another, which is to look
   * at all of them. May be repeated: they are noted there before they are forgotten here.
   *
   * @returns the last of them; undefined at the end.
   */
  async handOn(
    tenant: Tenant,
    { from, to }: { readonly from: string; readonly to: string },
    after: string,
    limit: number,
  ): Promise<string | undefined> {
    const xids = await this.all(tenant, from, after, limit);
    if (xids.length === 0) return undefined;
    await this.add(tenant, to, xids);
    await this.forget(tenant, from, xids);
    return xids.at(-1);
  }

  private async some(
    tenant: Tenant,
    deletionId: string,
    after: string,
    limit: number,
    more: Filter<TouchedIdentityDocument>,
  ): Promise<string[]> {
    // `0` comes right after the slash.
    const range = { _id: { $gt: `${deletionId}/${after}`, $lt: `${deletionId}0` } };
    const found = this.touched
      .find({ ...range, tenant: tenantKey(tenant), ...more }, { projection: { _id: 0, xid: 1 }, hint: BY_ID })
      .sort({ _id: 1 })
      .limit(limit);
    return (await available(found.toArray())).map(({ xid }) => xid);
  }
}

function idsOf(deletionId: string, xids: readonly string[]): string[] {
  return xids.map((xid) => `${deletionId}/${xid}`);
}
