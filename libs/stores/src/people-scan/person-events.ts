import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import type { StoredEvent } from '../profile-reads/event-reader.js';
import { visibleEvents, type EventVisibility } from '../profile-reads/event-visibility.js';
import { Snapshots, type Snapshot } from './snapshots.js';

export interface PersonEventsRequest {
  readonly snapshot: Snapshot;
  readonly visibility: EventVisibility;
  /** Only events accepted after this time; epoch ms. */
  readonly acceptedAfter?: number;
}

/** An event with all its identities, the primary one first. */
export type ScannedEvent = StoredEvent & Pick<EventDocument, 'xids'>;

/** A person with their events, oldest first. */
export interface PersonWithEvents<Person> {
  readonly person: Person;
  readonly events: readonly ScannedEvent[];
}

const projection = { _id: 0, datasetId: 1, eventId: 1, time: 1, acceptedAt: 1, body: 1, xids: 1 };

/** Reads the events of scanned people, at the snapshot of the scan. */
export class PersonEvents {
  private readonly events: Collection<EventDocument>;
  private readonly snapshots: Snapshots;

  /** @param mostCharacters text of events held at once; a single person's are read whole. */
  constructor(
    database: Database,
    private readonly mostCharacters = 16_777_216,
  ) {
    this.events = database.collection('events');
    this.snapshots = new Snapshots(database);
  }

  /**
   * People with their events, some at a time and in the given order: as many as their events leave room for.
   *
   * @throws SnapshotExpiredError, UnavailableError.
   */
  async *of<Person extends { readonly xids: readonly string[] }>(
    tenant: Tenant,
    people: readonly Person[],
    request: PersonEventsRequest,
  ): AsyncGenerator<readonly PersonWithEvents<Person>[]> {
    let size = people.length;
    for (let from = 0; from < people.length;) {
      const some = people.slice(from, from + size);
      const found = await this.find(tenant, some, request);
      if (found === undefined) {
        size = Math.ceil(some.length / 2);
        continue;
      }
      from += some.length;
      const byXid = new Map<string, ScannedEvent[]>();
      for (const event of found) {
        for (const xid of event.xids)
          byXid
            .set(xid, byXid.get(xid) ?? [])
            .get(xid)
            ?.push(event);
      }
      yield some.map((person) => ({
        person,
        events: [...new Set(person.xids.flatMap((xid) => byXid.get(xid) ?? []))].sort(oldestFirst),
      }));
    }
  }

  /** Undefined when they are too many to be held, unless it is one person. */
  private async find(
    tenant: Tenant,
    people: readonly { readonly xids: readonly string[] }[],
    { snapshot, visibility, acceptedAfter }: PersonEventsRequest,
  ): Promise<ScannedEvent[] | undefined> {
    const xids = [...new Set(people.flatMap((person) => person.xids))];
    const mostCharacters = people.length === 1 ? Infinity : this.mostCharacters;
    return this.snapshots.with(snapshot, async (read) => {
      const cursor = this.events.find<ScannedEvent>(
        {
          tenant: tenantKey(tenant),
          xids: { $in: xids },
          ...(acceptedAfter !== undefined && { acceptedAt: { $gt: acceptedAfter } }),
          ...visibleEvents(visibility),
        },
        { ...read, projection },
      );
      const found: ScannedEvent[] = [];
      let characters = 0;
      for await (const event of cursor) {
        found.push(event);
        characters += event.body.length;
        if (characters > mostCharacters) return undefined;
      }
      return found;
    });
  }
}

/** By time, then event id, then dataset id, as events of a person are always ordered. */
function oldestFirst(one: StoredEvent, other: StoredEvent): number {
  if (one.time !== other.time) return one.time - other.time;
  if (one.eventId !== other.eventId) return one.eventId < other.eventId ? -1 : 1;
  if (one.datasetId === other.datasetId) return 0;
  return one.datasetId < other.datasetId ? -1 : 1;
}
