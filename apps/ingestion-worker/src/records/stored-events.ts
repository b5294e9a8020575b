import type { EventsStoredMessage, StoredEvents, Tenant } from '@tessera/contracts';
import type { OutgoingMessage } from '@tessera/messaging';
import { figuresKeyOf, type EventPosition } from '@tessera/stores';

/** Where an event stands, or stood. */
export interface EventPlaced extends EventPosition {
  readonly datasetId: string;
}

/** Events of the same identities always meet in the same bucket, so that they are counted by one worker. */
const BUCKETS = 16;
const STORED_PER_MESSAGE = 500;

/** What computed attributes count anew because of some events: repeats folded, packed into few messages. */
export function storedEventsMessages(
  tenant: Tenant,
  events: readonly EventPlaced[],
  acceptedAt: number,
): OutgoingMessage[] {
  const folded = new Map<string, { datasetId: string; xids: string[]; days: Set<number> }>();
  for (const event of events) {
    const { datasetId, day } = figuresKeyOf(event);
    const xids = event.xids.toSorted();
    const key = [datasetId, ...xids].join(' ');
    const known = folded.get(key);
    if (known) known.days.add(day);
    else folded.set(key, { datasetId, xids, days: new Set([day]) });
  }
  const stored = [...folded.values()].map((one): StoredEvents => ({ ...one, days: [...one.days] }));
  const buckets = Map.groupBy(stored, ({ xids }) => (xids[0]?.charCodeAt(0) ?? 0) % BUCKETS);
  return [...buckets].flatMap(([bucket, some]) => pack(tenant, bucket, some, acceptedAt));
}

function pack(tenant: Tenant, bucket: number, all: readonly StoredEvents[], acceptedAt: number): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (let from = 0; from < all.length; from += STORED_PER_MESSAGE) {
    const stored = all.slice(from, from + STORED_PER_MESSAGE);
    const message: EventsStoredMessage = { ...tenant, acceptedAt, stored };
    messages.push({ key: `bucket-${bucket}`, value: JSON.stringify(message) });
  }
  return messages;
}
