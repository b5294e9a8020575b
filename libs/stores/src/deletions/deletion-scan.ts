import type { Document, Filter } from 'mongodb';
import { recordHeaders, tenantKey } from '@tessera/contracts';
import { acceptedAtOfVersion, isOfBatch, versionsOf } from '@tessera/domain';
import { available } from '../bulk.js';
import type { CollectionName, Database } from '../database.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';
import type { Deletion, DeletionSubject } from './deletion.js';
import type { StoreCounts } from './deletion-receipts.js';

/**
 * Looks through whole stores for what a deletion should have removed. It asks by what documents say of themselves and not by
 * the keys and lists that the removal goes by, so that it finds what a removal overlooked.
 */
export class DeletionScan {
  constructor(private readonly database: Database) {}

  /** How many fragments and events there are to remove, and when the first of them was accepted (epoch ms). */
  async survey({ tenant, subject, at }: Deletion): Promise<{ readonly count: number; readonly first?: number }> {
    const surveys = (['fragments', 'events'] as const).map((name) => {
      const match = { tenant: tenantKey(tenant), ...surveyed(name, subject), acceptedAt: { $lte: at } };
      const group = { _id: null, count: { $sum: 1 }, first: { $min: '$acceptedAt' } };
      const found = this.database.collection(name).aggregate<Survey>([{ $match: match }, { $group: group }]);
      return available(found.toArray());
    });
    const found = (await Promise.all(surveys)).flat();
    const first = found.length === 0 ? {} : { first: Math.min(...found.map((survey) => survey.first)) };
    return { count: found.reduce((sum, { count }) => sum + count, 0), ...first };
  }

  /** What is still there, by store. @throws UnavailableError */
  async remaining({ tenant, subject, at }: Deletion): Promise<StoreCounts> {
    const key = tenantKey(tenant);
    const [fragments, events, links, identities, deadLetters] = await available(
      Promise.all([
        this.fragments(key, subject, at),
        this.count('events', { tenant: key, ...ofData(subject, 'xids'), acceptedAt: { $lte: at } }),
        this.links(key, subject, at),
        this.identities(key, subject),
        this.count('dead_letters', {
          tenant: key,
          ...ofDeadLetters(subject),
          acceptedAt: { $lte: new Date(Math.min(at, LATEST)) },
          done: { $exists: false },
        }),
      ]),
    );
    return { fragments, events, links, identities, deadLetters };
  }

  /** Whole fragments from before, and those that records from before still have a part in. */
  private async fragments(tenant: string, subject: DeletionSubject, at: number): Promise<number> {
    const filter = { tenant, ...ofData(subject, 'xid') };
    const merged = { ...filter, fieldVersions: { $exists: true } };
    let count = await this.count('fragments', {
      ...filter,
      fieldVersions: { $exists: false },
      acceptedAt: { $lte: at },
    });
    const isGone = (version: string) =>
      acceptedAtOfVersion(version) <= at && (subject.kind !== 'batch' || isOfBatch(version, subject.batchId));
    const found = this.database
      .collection<FragmentDocument>('fragments')
      .find(merged as Filter<FragmentDocument>, { projection: { version: 1, fieldVersions: 1 } });
    for await (const fragment of found) if ([...versionsOf(fragment)].some(isGone)) count += 1;
    return count;
  }

  private async links(tenant: string, subject: DeletionSubject, at: number): Promise<number> {
    if (subject.kind === 'sandbox') return this.count('links', { tenant });
    const isBefore = { $or: [{ 'entry.v.since': { $exists: false } }, { 'entry.v.since': { $lt: at } }] };
    const [ends, entries] = linksOf(subject);
    const pipeline = [
      { $match: { tenant, ...ends } },
      { $project: { entry: { $objectToArray: '$evidence' } } },
      { $unwind: '$entry' },
      { $match: { ...entries, ...isBefore } },
      { $group: { _id: '$_id' } },
      { $count: 'links' },
    ];
    const [found] = await this.database.collection('links').aggregate<{ links: number }>(pipeline).toArray();
    return found?.links ?? 0;
  }

  /** Of a person: identities of theirs that are still known although nothing speaks of them. */
  private async identities(tenant: string, subject: DeletionSubject): Promise<number> {
    if (subject.kind === 'sandbox') return this.count('identities', { tenant });
    if (subject.kind !== 'person') return 0;
    const xids = subject.members.map(({ xid }) => xid);
    const lookup = (from: CollectionName, field: string) => ({
      $lookup: {
        from,
        let: { xid: '$_id' },
        pipeline: [
          { $match: { tenant, [field]: { $in: xids }, $expr: { $in: ['$$xid', asArray(field)] } } },
          { $limit: 1 },
          { $project: { _id: 1 } },
        ],
        as: from,
      },
    });
    const pipeline = [
      { $match: { tenant, _id: { $in: xids }, 'members.1': { $exists: false }, contested: false } },
      lookup('fragments', 'xid'),
      lookup('events', 'xids'),
      { $match: { fragments: [], events: [] } },
      { $count: 'identities' },
    ];
    const found = this.database
      .collection<{ readonly _id: string }>('identities')
      .aggregate<{ identities: number }>(pipeline);
    return (await found.toArray())[0]?.identities ?? 0;
  }

  private count(collection: CollectionName, filter: Document): Promise<number> {
    return this.database.collection(collection).countDocuments(filter);
  }
}

interface Survey {
  readonly count: number;
  readonly first: number;
}

/** By the ids of a dataset's documents, which begin with its own and a dot: an index has them, and `/` comes right after. */
function surveyed(name: 'fragments' | 'events', subject: DeletionSubject): Document {
  if (subject.kind === 'dataset') return { _id: { $gte: `${subject.datasetId}.`, $lt: `${subject.datasetId}/` } };
  return ofData(subject, name === 'fragments' ? 'xid' : 'xids');
}

/** The last instant that a date can express (ECMA-262 §21.4.1.1). */
const LATEST = 8.64e15;

function asArray(field: string): Document {
  return { $cond: [{ $isArray: `$${field}` }, `$${field}`, [`$${field}`]] };
}

function ofData(subject: DeletionSubject, field: 'xid' | 'xids'): Document {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId };
    case 'batch':
      return field === 'xid'
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
