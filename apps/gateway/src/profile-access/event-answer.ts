import { select, type Selector } from '@tessera/domain';
import type { EventPage } from './event-scan.js';
import { eventToken } from './event-token.js';
import { instant } from './profile-answer.js';

export interface EventAnswerForm<Next> {
  readonly descending: boolean;
  readonly selector?: Selector | undefined;
  /** The link to the next page. @param token empty on the last page. */
  readonly nextLink: (token: string) => Next;
}

/** A page of events as the published API answers it (spec 06-entities). */
export function eventPageAnswer<Next>(xid: string, { events, next }: EventPage, form: EventAnswerForm<Next>) {
  const token = next === undefined ? '' : eventToken(next.after);
  return {
    _page: {
      orderby: form.descending ? '-timestamp' : 'timestamp',
      start: events[0]?.eventId ?? '',
      count: events.length,
      next: token,
    },
    children: events.map(({ eventId, time, acceptedAt, body }) => ({
      relatedEntityId: xid,
      entityId: eventId,
      timestamp: time,
      entity: form.selector ? select(form.selector, body) : body,
      lastModifiedAt: instant(acceptedAt),
    })),
    _links: { next: form.nextLink(token) },
  };
}
