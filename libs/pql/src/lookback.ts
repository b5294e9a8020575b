import { plus, startOf } from './evaluate/time.js';
import type { Interval } from './evaluate/occurrence.js';

/** How far back an attribute looks (spec 11): `HOURS` 1–24, `DAYS` 1–7, `WEEKS` 1–4, `MONTHS` 1–6. */
export interface Lookback {
  readonly count: number;
  readonly unit: 'HOURS' | 'DAYS' | 'WEEKS' | 'MONTHS';
}

/** The most of each unit. */
export const longestLookbacks: Readonly<Record<Lookback['unit'], number>> = { HOURS: 24, DAYS: 7, WEEKS: 4, MONTHS: 6 };

/**
 * The events that count at a time: up to that time, hours and days exactly so long before it, weeks and months from the
 * beginning of the one of the calendar that lies so many before the present one (UTC; weeks begin on Sunday).
 *
 * @param now epoch ms.
 */
export function lookbackInterval({ count, unit }: Lookback, now: number): Interval {
  switch (unit) {
    case 'HOURS':
      return { from: plus(now, -count, 'hour') ?? -Infinity, to: now + 1 };
    case 'DAYS':
      return { from: plus(now, -count, 'day') ?? -Infinity, to: now + 1 };
    case 'WEEKS':
      return { from: plus(startOf(now, 'week'), -count, 'week') ?? -Infinity, to: now + 1 };
    case 'MONTHS':
      return { from: plus(startOf(now, 'month'), -count, 'month') ?? -Infinity, to: now + 1 };
  }
}
