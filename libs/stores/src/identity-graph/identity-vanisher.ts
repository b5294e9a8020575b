import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID } from '../bulk.js';
import type { Database } from '../database.js';
import { FenceSetter } from '../deletions/fence-setter.js';
import type { EventDocument } from '../events/event-document.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { graphCollections } from './graph-collections.js';
import type { IdentityDocument } from './graph-documents.js';

/**
 * Removes identities that nothing speaks of any more: no link, no fragment, no event. An identity is first marked, then its
 * data is looked for, then it is removed if it is still marked. Whoever takes in evidence of it meanwhile takes the mark
 * away, having written the data before; so none is removed that something speaks of. Evidence that was said before is not
 * said again as long as the sandbox's standing is the same, so that is raised between the mark and the look: data stored
 * before is found, and of data stored later the evidence is said again.
 */
export class IdentityVanisher {
  private readonly identities: Collection<IdentityDocument>;
  private readonly fragments: Collection<FragmentDocument>;
  private readonly events: Collection<EventDocument>;
  private readonly people: PeopleCounter;
  private readonly fences: FenceSetter;

  constructor(private readonly database: Database) {
    this.identities = graphCollections(database).identities;
    this.fragments = database.collection('fragments');
    this.events = database.collection('events');
    this.people = new PeopleCounter(database);
    this.fences = new FenceSetter(database);
  }

  /**
   * Removes those of some identities that nothing speaks of.
   *
   * @param xids some hundred at most.
   * @param within does the last write, which alone removes anything, and may do so in a transaction.
   * @returns how many there were.
   */
  async vanish(
    tenant: Tenant,
    xids: readonly string[],
    within: (remove: (session?: ClientSession) => Promise<number>) => Promise<number> = (remove) => remove(),
  ): Promise<number> {
    const key = tenantKey(tenant);
    const staying = new Set(await this.withFragments(key, xids));
    const likely = xids.filter((xid) => !staying.has(xid));
    if (likely.length === 0) return 0;
    const unlinked = { contested: false, 'members.1': { $exists: false } };
    const marked = { tenant: key, _id: { $in: likely }, ...unlinked };
    await available(this.identities.updateMany(marked, { $set: { vanishing: true } }, { hint: BY_ID }));
    await this.fences.announceVanishing(tenant);
    const supported = await this.withData(key, likely);
    const kept = { tenant: key, _id: { $in: [...supported] } };
    if (supported.size > 0) {
      await available(this.identities.updateMany(kept, { $unset: { vanishing: '' } }, { hint: BY_ID }));
    }
    const gone = likely.filter((xid) => !supported.has(xid));
    const stillMarked: Filter<IdentityDocument> = { tenant: key, _id: { $in: gone }, vanishing: true, ...unlinked };
    const removed = await within(async (session) => {
      const options = { hint: BY_ID, ...(session && { session }) };
      return (await available(this.identities.deleteMany(stillMarked, options))).deletedCount;
    });
    await this.people.add(tenant, { clusters: -removed, identities: -removed });
    return removed;
  }

  /** Those that any fragment or event is stored under. */
  protected async withData(tenant: string, xids: readonly string[]): Promise<Set<string>> {
    const [fragments, events] = await Promise.all([this.withFragments(tenant, xids), this.withEvents(tenant, xids)]);
    return new Set([...fragments, ...events]);
  }

  /** Read from the index alone: an identity has one fragment in a dataset. */
  private async withFragments(tenant: string, xids: readonly string[]): Promise<string[]> {
    const options = { projection: { _id: 0, xid: 1 }, batchSize: 10_000 };
    const found = this.fragments.find({ tenant, xid: { $in: [...xids] } }, options);
    return (await available(found.toArray())).map(({ xid }) => xid);
  }

  /** Most who are looked for have none, which one question finds out; of the others, who may have thousands, one event each. */
  private async withEvents(tenant: string, xids: readonly string[]): Promise<string[]> {
    const options = { projection: { _id: 0, xids: 1 }, limit: xids.length, batchSize: xids.length + 1 };
    const first = await available(this.events.find({ tenant, xids: { $in: [...xids] } }, options).toArray());
    const having = new Set(first.flatMap((event) => event.xids));
    const found = xids.filter((xid) => having.has(xid));
    if (first.length < xids.length) return found;
    return [
      ...found,
      ...(await this.withAnyEvent(
        tenant,
        xids.filter((xid) => !having.has(xid)),
      )),
    ];
  }

  private async withAnyEvent(tenant: string, xids: readonly string[]): Promise<string[]> {
    const pipeline = [{ $match: { tenant } }, { $limit: 1 }, { $project: { _id: 1 } }];
    const found = this.database.aggregate<{ xid: string }>([
      { $documents: xids.map((xid) => ({ xid })) },
      { $lookup: { from: 'events', localField: 'xid', foreignField: 'xids', pipeline, as: 'any' } },
      { $match: { any: { $ne: [] } } },
      { $project: { xid: 1 } },
    ]);
    return (await available(found.toArray())).map(({ xid }) => xid);
  }
}
