import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';

interface TouchedIdentityDocument {
  /** `<deletion>/<xid>`. */
  readonly _id: string;
  readonly tenant: string;
  readonly deletionId: string;
  readonly xid: string;
}

export const touchedIdentityIndexes: readonly IndexDefinition[] = [
  { collection: 'deletion_touched', key: { deletionId: 1, _id: 1 } },
];

/**
 * Whom a deletion has taken something from, until they are looked at: written before anything is removed, so that a
 * deletion that is interrupted still knows whom to look at.
 */
export class TouchedIdentities {
  private readonly touched: Collection<TouchedIdentityDocument>;

  constructor(database: Database) {
    this.touched = database.collection('deletion_touched');
  }

  /** Notes identities; some may be noted already. */
  async add(tenant: Tenant, deletionId: string, xids: Iterable<string>): Promise<void> {
    const key = tenantKey(tenant);
    const documents = [...new Set(xids)].map((xid) => ({ _id: `${deletionId}/${xid}`, tenant: key, deletionId, xid }));
    await unorderedBulk(
      this.touched,
      documents.map((document) => ({ insertOne: { document } })),
    );
  }

  /** Some of the identities, as XIDs; none when all are looked at. */
  async some(tenant: Tenant, deletionId: string, limit: number): Promise<string[]> {
    const filter = { deletionId, tenant: tenantKey(tenant) };
    const found = this.touched.find(filter).sort({ deletionId: 1, _id: 1 }).limit(limit);
    return (await available(found.toArray())).map(({ xid }) => xid);
  }

  /** Forgets identities that have been looked at. */
  async done(tenant: Tenant, deletionId: string, xids: readonly string[]): Promise<void> {
    const ids = xids.map((xid) => `${deletionId}/${xid}`);
    await available(this.touched.deleteMany({ _id: { $in: ids }, tenant: tenantKey(tenant) }));
  }
}
