import type { Collection, Document, Filter } from 'mongodb';
import { recordHeaders, tenantKey, type Tenant } from '@tessera/contracts';
import { acceptedAtOfVersion, isOfBatch, versionsOf, type XidRange } from '@tessera/domain';
import { available } from '../bulk.js';
import type { CollectionName, Database } from '../database.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';
import { unpaced, type Paced } from '../paced.js';
import { sweepOf, within } from '../xid-sweep.js';
import type { Deletion, DeletionSubject } from './deletion.js';
import type { StoreCounts } from './deletion-receipts.js';

/** Documents looked through by one question, about: what takes milliseconds. */
const AT_ONCE = 2_000;

/**
 * Looks through whole stores for what a deletion should have removed. It asks by what documents say of themselves and not by
 * the keys and lists that the removal goes by, so that it finds what a removal overlooked. A store is gone through in ranges
 * of XIDs, a short question each, by an index that leads to the sandbox's own documents.
 */
export class DeletionScan {
  constructor(private readonly database: Database) {}

  /** How many fragments and events there are to remove, about: newer ones come meanwhile. @throws UnavailableError */
  async survey({ tenant, subject, at }: Deletion, paced: Paced = unpaced): Promise<number> {
    const key = tenantKey(tenant);
    let count = 0;
    for (const name of subject.kind === 'batch' ? (['events'] as const) : (['fragments', 'events'] as const)) {
      if (subject.kind === 'dataset') count += await this.surveyDataset(name, key, subject.datasetId, at, paced);
      else if (subject.kind === 'sandbox') count += await this.count(name, { tenant: key });
      else count += await this.count(name, { tenant: key, ...ofData(subject, name), acceptedAt: { $lte: at } });
    }
    return count;
  }

  /** What is still there, by store. @throws UnavailableError */
  async remaining({ tenant, subject, at }: Deletion, paced: Paced = unpaced): Promise<StoreCounts> {
    const key = tenantKey(tenant);
    return {
      fragments: await this.fragments(key, subject, at, paced),
      events: await this.events(key, subject, at, paced),
      links: await this.links(key, subject, at, paced),
      identities: await this.identities(key, subject),
      deadLetters: await this.count('dead_letters', {
        tenant: key,
        ...ofDeadLetters(subject),
        acceptedAt: { $lte: new Date(Math.min(at, LATEST)) },
        done: { $exists: false },
      }),
    };
  }

  /**
   * How many of some identities are still known although no link, fragment or event speaks of them.
   *
   * @param xids some hundred at most.
   */
  orphans(tenant: Tenant, xids: readonly string[]): Promise<number> {
    return this.alone(tenantKey(tenant), xids);
  }

  /** By the ids of a dataset's documents, which begin with its own and a dot: an index has them, and `/` comes right after. */
  private async surveyDataset(
    name: 'fragments' | 'events',
    tenant: string,
    datasetId: string,
    at: number,
    paced: Paced,
  ): Promise<number> {
    const counts = { count: { $sum: { $cond: [{ $lte: ['$acceptedAt', at] }, 1, 0] } }, last: { $last: '$_id' } };
    let count = 0;
    for (let after = `${datasetId}.`; ;) {
      const pipeline = [
        { $match: { _id: { $gt: after, $lt: `${datasetId}/` }, tenant } },
        { $sort: { _id: 1 } },
        { $limit: AT_ONCE },
        { $group: { _id: null, ...counts } },
      ];
      const asked = () => this.database.collection(name).aggregate<Survey>(pipeline).toArray();
      const [page] = await paced(() => available(asked()));
      if (!page) return count;
      count += page.count;
      after = page.last;
    }
  }

  /** Whole fragments from before, and those that records from before still have a part in. */
  private fragments(tenant: string, subject: DeletionSubject, at: number, paced: Paced): Promise<number> {
    if (subject.kind === 'sandbox') return this.count('fragments', { tenant });
    const fragments: Collection<FragmentDocument> = this.database.collection('fragments');
    const isGone = (version: string) =>
      acceptedAtOfVersion(version) <= at && (subject.kind !== 'batch' || isOfBatch(version, subject.batchId));
    const concerned = { $or: [{ acceptedAt: { $lte: at } }, { fieldVersions: { $exists: true } }] };
    const filter = { tenant, $and: [ofData(subject, 'fragments'), concerned] };
    const count = async (range?: XidRange): Promise<number> => {
      const asked = { ...filter, ...(range && { xid: within(range) }) } as Filter<FragmentDocument>;
      const found = fragments.find(asked, { projection: { version: 1, fieldVersions: 1 } });
      const left = (await available(found.toArray())).filter(
        (fragment) => fragment.fieldVersions === undefined || [...versionsOf(fragment)].some(isGone),
      );
      return left.length;
    };
    return subject.kind === 'person' ? count() : this.swept('fragments', tenant, 'xid', count, paced);
  }

  private events(tenant: string, subject: DeletionSubject, at: number, paced: Paced): Promise<number> {
    const filter = { tenant, ...ofData(subject, 'events'), acceptedAt: { $lte: at } };
    if (subject.kind === 'person' || subject.kind === 'sandbox') return this.count('events', filter);
    // Found under each of its identities, an event counts where the first of them is.
    const inRange = (range: XidRange) => ({ xids: { $elemMatch: within(range) }, 'xids.0': within(range) });
    const count = (range: XidRange) => this.count('events', { ...filter, ...inRange(range) });
    return this.swept('events', tenant, 'xids', count, paced);
  }

  private links(tenant: string, subject: DeletionSubject, at: number, paced: Paced): Promise<number> {
    if (subject.kind === 'sandbox') return this.count('links', { tenant });
    const isBefore = { $or: [{ 'entry.v.since': { $exists: false } }, { 'entry.v.since': { $lt: at } }] };
    const [ends, entries] = linksOf(subject);
    const count = async (range?: XidRange): Promise<number> => {
      const pipeline = [
        { $match: { tenant, ...ends, ...(range && { a: within(range) }) } },
        { $project: { entry: { $objectToArray: '$evidence' } } },
        { $unwind: '$entry' },
        { $match: { ...entries, ...isBefore } },
        { $group: { _id: '$_id' } },
        { $count: 'links' },
      ];
      const found = this.database.collection('links').aggregate<{ links: number }>(pipeline);
      return (await available(found.toArray()))[0]?.links ?? 0;
    };
    // A person's are looked for at both ends, of which only the smaller one has an index.
    return this.swept('links', tenant, 'a', count, paced);
  }

  /** Of a person: identities of theirs that are still known although nothing speaks of them. */
  private identities(tenant: string, subject: DeletionSubject): Promise<number> {
    if (subject.kind === 'sandbox') return this.count('identities', { tenant });
    if (subject.kind !== 'person') return Promise.resolve(0);
    return this.alone(
      tenant,
      subject.members.map(({ xid }) => xid),
    );
  }

  private async alone(tenant: string, xids: readonly string[]): Promise<number> {
    const pipeline = [
      { $match: { tenant, _id: { $in: xids }, 'members.1': { $exists: false }, contested: false } },
      { $project: { _id: 1 } },
      spokenOfIn('fragments', 'xid', tenant),
      { $match: { fragments: [] } },
      spokenOfIn('events', 'xids', tenant),
      { $match: { events: [] } },
      { $count: 'identities' },
    ];
    const found = this.database
      .collection<{ readonly _id: string }>('identities')
      .aggregate<{ identities: number }>(pipeline);
    return (await available(found.toArray()))[0]?.identities ?? 0;
  }

  private async swept(
    collection: CollectionName,
    tenant: string,
    field: string,
    count: (range: XidRange) => Promise<number>,
    paced: Paced,
  ): Promise<number> {
    let sum = 0;
    for (const range of await sweepOf(this.database.collection(collection), tenant, field, AT_ONCE)) {
      sum += await paced(() => count(range));
    }
    return sum;
  }

  private count(collection: CollectionName, filter: Document): Promise<number> {
    return available(this.database.collection(collection).countDocuments(filter));
  }
}

interface Survey {
  readonly count: number;
  /** Id of the last document of the page. */
  readonly last: string;
}

/** The last instant that a date can express (ECMA-262 §21.4.1.1). */
const LATEST = 8.64e15;

/** Joins with one of the documents that an identity is named in. */
function spokenOfIn(from: CollectionName, foreignField: string, tenant: string): Document {
  const pipeline = [{ $match: { tenant } }, { $limit: 1 }, { $project: { _id: 1 } }];
  return { $lookup: { from, localField: '_id', foreignField, pipeline, as: from } };
}

function ofData(subject: DeletionSubject, name: 'fragments' | 'events'): Document {
  const field = name === 'fragments' ? 'xid' : 'xids';
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return name === 'fragments'
        ? { $or: [{ batchId: subject.batchId }, { batchIds: subject.batchId }] }
        : { batchId: subject.batchId };
    case 'person':
      return { [field]: { $in: subject.members.map(({ xid }) => xid) } };
    case 'sandbox':
      return {};
  }
}

/** Of a person's, those that can be told by a value are looked through one by one, elsewhere. */
function ofDeadLetters(subject: DeletionSubject): Document {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return { headers: { $elemMatch: { name: recordHeaders.batchId, value: subject.batchId } } };
    case 'person':
      return { _id: { $in: [] } };
    case 'sandbox':
      return {};
  }
}

function linksOf(subject: Exclude<DeletionSubject, { kind: 'sandbox' }>): readonly [Document, Document] {
  switch (subject.kind) {
    case 'dataset':
      return [{}, { 'entry.v.datasetId': subject.datasetId }];
    case 'batch':
      return [{}, { 'entry.v.datasetId': subject.datasetId, 'entry.v.batchId': subject.batchId }];
    case 'person': {
      const xids = subject.members.map(({ xid }) => xid);
      return [{ $or: [{ a: { $in: xids } }, { b: { $in: xids } }] }, {}];
    }
  }
}
