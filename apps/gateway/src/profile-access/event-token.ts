import { encodePageToken, pageTokenReader } from '@tessera/http';
import type { EventPlace } from '@tessera/stores';

const readPlace = pageTokenReader<EventPlace | Record<string, never>>({
  anyOf: [
    {
      type: 'object',
      required: ['time', 'eventId', 'datasetId'],
      properties: { time: { type: 'integer' }, eventId: { type: 'string' }, datasetId: { type: 'string' } },
      additionalProperties: false,
    },
    { type: 'object', maxProperties: 0 },
  ],
});

/** The token of the page that starts after a place, or at the beginning. */
export function eventToken(after: EventPlace | undefined): string {
  return encodePageToken(after === undefined ? {} : { ...after });
}

/**
 * The place after which a page starts; undefined for the beginning.
 *
 * @param token none or an empty one: the beginning.
 * @throws ProblemError `invalid-page-token`.
 */
export function placeOfToken(token: string | undefined): EventPlace | undefined {
  if (token === undefined || token === '') return undefined;
  const place = readPlace(token);
  return 'time' in place ? (place as EventPlace) : undefined;
}
