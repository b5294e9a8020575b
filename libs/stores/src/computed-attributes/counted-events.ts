import type { Collection, Filter } from 'mongodb';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import type { Interval, PersonEvent } from '@tessera/pql';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import { eventPagesPipeline } from '../profile-reads/event-page.js';
import type { StoredEvent } from '../profile-reads/event-reader.js';
import { visibleEvents } from '../profile-reads/event-visibility.js';
import type { SnapshotRead } from '../people-scan/snapshots.js';
import type { SeenEvents } from './seen-events.js';

/** An event with what decides where it is counted. */
export interface CountedEvent extends PersonEvent {
  readonly xids: readonly string[];
  /** Epoch ms. */
  readonly acceptedAt: number;
  readonly batchId?: string;
  readonly expireAt?: Date;
}

/** Events of some identities, within a stretch of time. */
export interface EventsWanted {
  readonly xids: readonly string[];
  readonly interval: Interval;
}

type Stored = Omit<CountedEvent, 'body'> & Pick<EventDocument, 'body'>;

/** People whose events are read in one aggregation. */
const PEOPLE_AT_ONCE = 50;
/** Text of events that one call may hold. */
const MOST_CHARACTERS = 33_554_432;

const projection = {
  ...{ _id: 0, datasetId: 1, eventId: 1, time: 1, xids: 1, acceptedAt: 1 },
  ...{ batchId: 1, expireAt: 1, body: 1 },
};

/** Reads the events that attributes are counted from. */
export class CountedEvents {
  private readonly events: Collection<EventDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
  }

  /**
   * Everything wanted, each event once, in one query that seeks in the index of identities and times.
   *
   * @param seen only what is seen by it; everything stored when absent.
   * @param at the snapshot to read at; the present when absent.
   */
  async find(
    tenant: Tenant,
    wanted: readonly EventsWanted[],
    seen?: SeenEvents,
    at?: SnapshotRead,
  ): Promise<readonly CountedEvent[]> {
    if (wanted.length === 0) return [];
    const branches = wanted.map(({ xids, interval }) => ({
      tenant: tenantKey(tenant),
      xids: { $in: [...new Set(xids)] },
      time: { $gte: interval.from, $lt: interval.to },
    }));
    const visible = seen ? visibleEvents(seen) : { heldBy: { $exists: false } };
    const filter: Filter<EventDocument> =
      branches.length === 1 ? { ...branches[0], ...visible } : { $or: branches, ...visible };
    const found = await available(this.events.find<Stored>(filter, { ...at, projection }).toArray());
    const { gone } = seen ?? {};
    const there = gone ? found.filter((event) => !gone.has(event)) : found;
    return there.map(({ body, ...event }) => ({ ...event, body: JSON.parse(body) as JsonObject }));
  }

  /**
   * The events of each person within a stretch of time, as many people with one query as such a query bears.
   *
   * @returns undefined in place of more than `limit`, and of those that there is no more room for.
   */
  async ofPeople(
    tenant: Tenant,
    people: readonly (readonly string[])[],
    interval: Interval,
    seen: SeenEvents,
    limit: number,
    at?: SnapshotRead,
  ): Promise<readonly (readonly PersonEvent[] | undefined)[]> {
    const found: (PersonEvent[] | undefined)[] = [];
    let characters = 0;
    for (let first = 0; first < people.length; first += PEOPLE_AT_ONCE) {
      const ranges = people.slice(first, first + PEOPLE_AT_ONCE).map((xids) => ({
        xids,
        ...interval,
        descending: false,
        limit: limit + 1,
      }));
      const events = ranges.map((): PersonEvent[] => []);
      let reached = characters < MOST_CHARACTERS ? ranges.length : 0;
      if (reached > 0) {
        const { gone } = seen;
        // Only what decides whether an event is gone: every field costs decoding.
        const pipeline = eventPagesPipeline(tenant, ranges, seen, gone ? { xids: 1 } : {});
        const cursor = this.events.aggregate<StoredEvent & { person: number; xids?: readonly string[] }>(pipeline, {
          ...at,
        });
        for await (const { person, body, xids = [], ...event } of cursor) {
          if (gone?.has({ ...event, xids })) continue;
          characters += body.length;
          events[person]?.push({ ...event, body: JSON.parse(body) as JsonObject });
          if (characters < MOST_CHARACTERS) continue;
          reached = person;
          break;
        }
      }
      found.push(...events.map((some, person) => (person < reached && some.length <= limit ? some : undefined)));
    }
    return found;
  }
}
