import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { storedEventId, type EventDocument } from './event-document.js';

/** The last instant that a date can express (ECMA-262 §21.4.1.1). */
const LATEST = 8.64e15;

/** When events of a dataset kept for so long leave the disk. */
export function expireAt(time: number, keptFor: number): Date {
  return new Date(Math.min(time + keptFor, LATEST));
}

/** One stretch of a dataset's events, in the order of their ids. */
export interface ExpiryStep {
  readonly datasetId: string;
  /** Milliseconds; undefined: for ever. */
  readonly keptFor: number | undefined;
  /** Where the step before ended. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface ExpiryStepDone {
  /** Events whose time of leaving changed. */
  readonly changed: number;
  /** Where the next step begins; undefined at the end. */
  readonly next: string | undefined;
}

/** Writes on stored events when they leave the disk. */
export class EventExpiryWriter {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /** How many events a dataset has. */
  async count(datasetId: string): Promise<number> {
    return available(this.events.countDocuments({ _id: range(datasetId) }));
  }

  /** Brings one stretch of events in line with a rule. What has expired stays so. Repeating it changes nothing. */
  async apply(tenant: Tenant, { datasetId, keptFor, after, limit }: ExpiryStep): Promise<ExpiryStepDone> {
    const rest = range(datasetId, after);
    const boundary = this.events.find({ _id: rest }, { projection: { _id: 1 } }).sort({ _id: 1 });
    const [last] = await available(
      boundary
        .skip(limit - 1)
        .limit(1)
        .toArray(),
    );
    const stretch = {
      _id: last ? { ...rest, $lte: last._id } : rest,
      tenant: tenantKey(tenant),
      expireAt: { $not: { $lte: new Date() } },
    };
    const leaves = { $toDate: { $min: [{ $add: ['$time', keptFor ?? 0] }, LATEST] } };
    const { modifiedCount } = await available(
      this.events.updateMany(
        stretch,
        keptFor === undefined ? { $unset: { expireAt: '' } } : [{ $set: { expireAt: leaves } }],
      ),
    );
    return { changed: modifiedCount, next: last?._id };
  }
}

/** Ids of a dataset's events begin with its own and a dot; `/` comes right after the dot. */
function range(datasetId: string, after: string = storedEventId(datasetId, '')) {
  return { $gte: after, $lt: `${datasetId}/` };
}
