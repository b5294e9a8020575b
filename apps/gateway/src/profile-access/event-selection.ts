import type { PropertyFilter } from '@tessera/domain';
import type { EventSelection } from './event-scan.js';

/** Events on a page unless a request says otherwise, and at most. */
const MOST_EVENTS = 1_000;

/** What a request says about which events it wants; the same words in a query and in a body. */
export interface RequestedEvents {
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit?: number;
  readonly orderby?: string;
  readonly orderBy?: string;
}

export function eventSelection(
  { startTime, endTime, limit, orderby, orderBy }: RequestedEvents,
  filters: readonly PropertyFilter[] = [],
): EventSelection {
  return {
    ...(startTime !== undefined && { from: startTime }),
    ...(endTime !== undefined && { to: endTime }),
    descending: (orderby ?? orderBy)?.startsWith('-') === true,
    limit: limit ?? MOST_EVENTS,
    filters,
  };
}
