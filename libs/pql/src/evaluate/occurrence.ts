import type { Occurrence, Unit } from '../syntax/expression.js';
import { plus, startOf } from './time.js';

/** A stretch of time: from an instant (inclusive) to another (exclusive), epoch ms; either may be infinite. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export const always: Interval = { from: -Infinity, to: Infinity };
export const never: Interval = { from: Infinity, to: -Infinity };

export function intersection(left: Interval, right: Interval): Interval {
  return { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) };
}

export function contains({ from, to }: Interval, time: number): boolean {
  return from <= time && time < to;
}

/** The values of the expressions within an occurrence; undefined where one is not what it has to be. */
export interface OccurrenceValues {
  readonly now: number;
  readonly count: number | undefined;
  /** Of `between` the first and the last one. */
  readonly times: readonly (number | undefined)[];
}

/**
 * When something has to lie to occur as asked. Every form is one stretch of time, but `!=`, which is all but one
 * (`outside`).
 */
export function intervalOf(
  occurrence: Occurrence,
  { now, count, times: [time, last] }: OccurrenceValues,
): { readonly interval: Interval; readonly outside: boolean } {
  if (occurrence.form === 'period') {
    const by = { last: -1, this: 0, next: 1 }[occurrence.period];
    const from = plus(startOf(now, occurrence.unit), by, occurrence.unit);
    return { interval: from === undefined ? never : unit(from, occurrence.unit), outside: false };
  }
  if (time === undefined) return { interval: never, outside: false };
  const inside = (interval: Interval) => ({ interval, outside: false });
  switch (occurrence.form) {
    case 'before':
      return inside({ from: -Infinity, to: time });
    case 'after':
      return inside({ from: time + 1, to: Infinity });
    case 'on':
      return inside(unit(time, 'day'));
    case 'between':
      return inside(last === undefined ? never : { from: time, to: last + 1 });
    case 'distance':
      return distance(occurrence, count, time);
  }
}

function distance(
  { comparison, unit: measure, direction }: Extract<Occurrence, { form: 'distance' }>,
  count: number | undefined,
  time: number,
): { interval: Interval; outside: boolean } {
  const before = direction === 'before';
  const end = count === undefined ? undefined : plus(time, before ? -count : count, measure);
  if (end === undefined) return { interval: never, outside: false };
  const interval = (): Interval => {
    switch (comparison) {
      case '=':
      case '!=':
        return unit(end, measure);
      case '<':
        return before ? { from: end + 1, to: time + 1 } : { from: time, to: end };
      case '<=':
        return before ? { from: end, to: time + 1 } : { from: time, to: end + 1 };
      case '>':
        return before
          ? { from: -Infinity, to: Math.min(end, time + 1) }
          : { from: Math.max(end + 1, time), to: Infinity };
      case '>=':
        return before ? { from: -Infinity, to: Math.min(end, time) + 1 } : { from: Math.max(end, time), to: Infinity };
    }
  };
  return { interval: interval(), outside: comparison === '!=' };
}

/** The unit of the calendar that a time lies in. */
function unit(time: number, measure: Unit): Interval {
  const from = startOf(time, measure);
  return { from, to: plus(from, 1, measure) ?? Infinity };
}
