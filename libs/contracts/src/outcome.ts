import type { DeadLetterReason, Fault } from './dead-letter.js';

/**
 * What an applied record did: `stored` it is what its fragment now says, or a new event; `superseded` something newer is
 * already stored, so it has had all the effect it can have; `not-enabled` its dataset does not feed profiles; `deleted` its
 * dataset, batch, person or sandbox was deleted after it was accepted.
 */
export type Effect = 'stored' | 'superseded' | 'not-enabled' | 'deleted';

/** What became of one record: exactly one of these (spec 01-concepts, guarantee 7). */
export type Outcome =
  | { readonly kind: 'applied'; readonly effect: Effect }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly faults: readonly Fault[] };
export type OutcomeKind = Outcome['kind'];
