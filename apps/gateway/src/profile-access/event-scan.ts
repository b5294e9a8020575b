import type { JsonObject } from '@tessera/contracts';
import { matchesPropertyFilters, type PropertyFilter } from '@tessera/domain';
import type { EventPlace, EventRange, EventsRead, StoredEvent } from '@tessera/stores';

/** Events looked at for one page at most, however few of them pass its filters. */
const MOST_SCANNED = 10_000;
/** Events of one read at most; a page of 1,000 needs one more, to know whether it is the last. */
const MOST_READ = 1_001;

/** Which events of a person a request wants. */
export interface EventSelection {
  /** Epoch ms, inclusive. */
  readonly from?: number;
  /** Epoch ms, exclusive. */
  readonly to?: number;
  readonly descending: boolean;
  readonly limit: number;
  readonly filters: readonly PropertyFilter[];
}

/** An event with its body parsed. */
export interface PageEvent extends Omit<StoredEvent, 'body'> {
  readonly body: JsonObject;
}

export interface EventPage {
  readonly events: readonly PageEvent[];
  /** Where the next page starts: after a place or, when nothing was read yet, at the beginning. Absent on the last page. */
  readonly next?: { readonly after: EventPlace | undefined };
}

/**
 * Fills one page of one person's events out of reads, one after the other. A page whose filters let little through may end
 * short of its limit, even empty, with a next page: then as much was looked at as one request may.
 */
export class EventScan {
  private readonly events: PageEvent[] = [];
  private scanned = 0;
  private readSize: number;
  private state: 'open' | 'ended' | 'cut' = 'open';

  /** @param after the place of the last event looked at. */
  constructor(
    private readonly xids: readonly string[],
    private readonly selection: EventSelection,
    private after: EventPlace | undefined,
  ) {
    this.readSize = Math.min(selection.limit + 1, MOST_READ);
  }

  /** Whether another read is to be taken. */
  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** What to read next. */
  range(): EventRange {
    const { from, to, descending } = this.selection;
    return {
      xids: this.xids,
      descending,
      limit: this.readSize,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(this.after && { after: this.after }),
    };
  }

  /** Takes what was read of {@link range}. */
  take({ events, isWhole }: EventsRead): void {
    const { filters, limit } = this.selection;
    for (const event of events) {
      if (filters.length === 0 && this.events.length === limit) return this.end('cut');
      const body = JSON.parse(event.body) as JsonObject;
      if (matchesPropertyFilters(filters, body)) {
        if (this.events.length === limit) return this.end('cut');
        this.events.push({ ...event, body });
      }
      this.after = { time: event.time, eventId: event.eventId, datasetId: event.datasetId };
    }
    this.scanned += events.length;
    if (!isWhole) return this.end('cut');
    if (events.length < this.readSize) return this.end('ended');
    if (this.scanned >= MOST_SCANNED) return this.end('cut');
    this.readSize = Math.min(2 * this.readSize, MOST_READ);
  }

  page(): EventPage {
    return { events: this.events, ...(this.state !== 'ended' && { next: { after: this.after } }) };
  }

  private end(state: 'ended' | 'cut'): void {
    this.state = state;
  }
}
