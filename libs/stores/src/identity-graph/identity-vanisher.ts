import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { CollectionName, Database } from '../database.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { graphCollections } from './graph-collections.js';
import type { IdentityDocument } from './graph-documents.js';

/**
 * Removes identities that nothing speaks of any more: no link, no fragment, no event. An identity is first marked, then its
 * data is looked for, then it is removed if it is still marked. Whoever takes in evidence of it meanwhile takes the mark
 * away, having written the data before; so none is removed that something speaks of.
 */
export class IdentityVanisher {
  private readonly identities: Collection<IdentityDocument>;
  private readonly people: PeopleCounter;

  constructor(private readonly database: Database) {
    this.identities = graphCollections(database).identities;
    this.people = new PeopleCounter(database);
  }

  /**
   * Removes those of some identities that nothing speaks of.
   *
   * @param xids some hundred at most.
   * @returns how many there were.
   */
  async vanish(tenant: Tenant, xids: readonly string[]): Promise<number> {
    const key = tenantKey(tenant);
    const unlinked = { contested: false, 'members.1': { $exists: false } };
    const marked = { tenant: key, _id: { $in: [...xids] }, ...unlinked };
    await available(this.identities.updateMany(marked, { $set: { vanishing: true } }));
    const supported = await this.withData(key, xids);
    const kept = { tenant: key, _id: { $in: [...supported] } };
    if (supported.size > 0) await available(this.identities.updateMany(kept, { $unset: { vanishing: '' } }));
    const gone = xids.filter((xid) => !supported.has(xid));
    const { deletedCount } = await available(
      this.identities.deleteMany({ tenant: key, _id: { $in: gone }, vanishing: true, ...unlinked }),
    );
    await this.people.add(tenant, { clusters: -deletedCount, identities: -deletedCount });
    return deletedCount;
  }

  /** Those that any fragment or event is stored under; one query each. */
  protected async withData(tenant: string, xids: readonly string[]): Promise<Set<string>> {
    const pipeline = [{ $match: { tenant } }, { $limit: 1 }, { $project: { _id: 1 } }];
    const under = (from: CollectionName, foreignField: string) =>
      this.database
        .aggregate<{ xid: string }>([
          { $documents: xids.map((xid) => ({ xid })) },
          { $lookup: { from, localField: 'xid', foreignField, pipeline, as: 'any' } },
          { $match: { any: { $ne: [] } } },
          { $project: { xid: 1 } },
        ])
        .toArray();
    const found = await available(Promise.all([under('fragments', 'xid'), under('events', 'xids')]));
    return new Set(found.flat().map(({ xid }) => xid));
  }
}
