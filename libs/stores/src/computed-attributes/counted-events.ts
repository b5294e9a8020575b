import type { Collection, Filter } from 'mongodb';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import type { Interval, PersonEvent } from '@tessera/pql';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import { visibleEvents, type EventVisibility } from '../profile-reads/event-visibility.js';

/** An event with what decides where it is counted. */
export interface CountedEvent extends PersonEvent {
  readonly xids: readonly string[];
  readonly batchId?: string;
  readonly expireAt?: Date;
}

/** Events of some identities, within a stretch of time. */
export interface EventsWanted {
  readonly xids: readonly string[];
  readonly interval: Interval;
}

const projection = { _id: 0, datasetId: 1, eventId: 1, time: 1, xids: 1, batchId: 1, expireAt: 1, body: 1 };

/** Reads the events that attributes are counted from. */
export class CountedEvents {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /**
   * Everything wanted, each event once, in one query that seeks in the index of identities and times.
   *
   * @param visibility only what is seen by it; everything stored when absent.
   */
  async find(
    tenant: Tenant,
    wanted: readonly EventsWanted[],
    visibility?: EventVisibility,
  ): Promise<readonly CountedEvent[]> {
    if (wanted.length === 0) return [];
    const branches = wanted.map(({ xids, interval }) => ({
      tenant: tenantKey(tenant),
      xids: { $in: [...new Set(xids)] },
      time: { $gte: interval.from, $lt: interval.to },
    }));
    const visible = visibility ? visibleEvents(visibility) : {};
    const filter: Filter<EventDocument> =
      branches.length === 1 ? { ...branches[0], ...visible } : { $or: branches, ...visible };
    const found = await available(this.events.find(filter, { projection }).toArray());
    return found.map(({ body, ...event }) => ({ ...event, body: JSON.parse(body) as JsonObject }));
  }
}
