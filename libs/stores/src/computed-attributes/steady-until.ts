import type { EventVisibility } from '../profile-reads/event-visibility.js';
import type { AskedAttribute, Figures } from './person-values.js';

/** Milliseconds after which is looked again where some events have expired: when the next one does is known once they are counted anew. */
const LOOKED_AT_AGAIN = 60_000;

/**
 * Until when (epoch ms) values of a person stay as they are while nothing but time passes: the date that expressions read
 * changes, or the first of the events expires.
 */
export function steadyUntil(
  attributes: readonly AskedAttribute[],
  figures: readonly Figures[],
  { now, keptFor }: Pick<EventVisibility, 'now' | 'keptFor'>,
): number {
  const ofExpressions = attributes.map(({ program }) => program.steadyUntil(now));
  const ofEvents = figures.map(({ datasetId, first = Infinity, expires = Infinity }) => {
    const next = Math.min(expires, first + (keptFor.get(datasetId) ?? Infinity));
    return next > now ? next : now + LOOKED_AT_AGAIN;
  });
  return [...ofExpressions, ...ofEvents].reduce((least, time) => Math.min(least, time), Infinity);
}
