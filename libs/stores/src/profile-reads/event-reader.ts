import type { Collection } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import { anyEventPipeline, eventPagesPipeline, type EventRange } from './event-page.js';
import { EventVisibilityReader, type EventVisibility } from './event-visibility.js';

/** An event as read, still text. */
export type StoredEvent = Pick<EventDocument, 'datasetId' | 'eventId' | 'time' | 'acceptedAt' | 'body'>;

/** The events of one range. */
export interface EventsRead {
  readonly events: StoredEvent[];
  /** Whether the range ended, or its limit, and not the size of the answer. */
  isWhole: boolean;
}

/** People whose events are read in one aggregation. */
const MOST_RANGES = 50;

/** Reads events. */
export class EventReader {
  private readonly events: Collection<EventDocument>;
  private readonly visibility: EventVisibilityReader;

  /** @param mostCharacters text of events after which one read stops, so that a page of huge events fits into memory. */
  constructor(
    private readonly database: Database,
    private readonly mostCharacters = 16_777_216,
  ) {
    this.events = database.collection('events');
    this.visibility = new EventVisibilityReader(database);
  }

  /** The visible events of each range, in the order asked for, in as few queries as there are fifties of ranges. */
  async findMany(tenant: Tenant, ranges: readonly EventRange[]): Promise<EventsRead[]> {
    const reads: EventsRead[] = [];
    const visibility = await available(this.visibility.read(tenant));
    let characters = 0;
    for (let first = 0; first < ranges.length; first += MOST_RANGES) {
      const part = ranges.slice(first, first + MOST_RANGES);
      characters = await available(this.readPart(tenant, part, visibility, reads, characters));
    }
    return reads;
  }

  /** Those of the identities that have any visible event; one query, of one key each. */
  async withEvents(tenant: Tenant, xids: readonly string[]): Promise<Set<string>> {
    if (xids.length === 0) return new Set();
    const visibility = await available(this.visibility.read(tenant));
    const found = this.database.aggregate<{ xid: string }>(anyEventPipeline(tenant, xids, visibility));
    return new Set((await available(found.toArray())).map(({ xid }) => xid));
  }

  private async readPart(
    tenant: Tenant,
    ranges: readonly EventRange[],
    visibility: EventVisibility,
    reads: EventsRead[],
    charactersBefore: number,
  ): Promise<number> {
    const part = ranges.map((): EventsRead => ({ events: [], isWhole: true }));
    reads.push(...part);
    let characters = charactersBefore;
    let reached = 0;
    if (characters < this.mostCharacters) {
      const cursor = this.events.aggregate<StoredEvent & { person: number }>(
        eventPagesPipeline(tenant, ranges, visibility),
      );
      for await (const { person, ...event } of cursor) {
        part[person]?.events.push(event);
        reached = person;
        characters += event.body.length;
        if (characters >= this.mostCharacters) break;
      }
    }
    if (characters >= this.mostCharacters) for (const read of part.slice(reached)) read.isWhole = false;
    return characters;
  }
}
