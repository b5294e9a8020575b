import type { Moment, Unit } from '../syntax/expression.js';

const DAY = 86_400_000;
const fixedLengths: Partial<Record<Unit, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  week: 7 * DAY,
};
const monthsOf: Partial<Record<Unit, number>> = {
  month: 1,
  year: 12,
  decade: 120,
  century: 1_200,
  millennium: 12_000,
};
/** 1970-01-01 was a Thursday, four days after the Sunday that its week began with. */
const FIRST_SUNDAY = -4 * DAY;

const dateAndClock =
  /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?)?$/;

/** An ISO 8601 date or date-time as epoch ms, UTC where it names no offset; undefined for any other text. */
export function parseTime(text: string): number | undefined {
  if (text.length > 40) return undefined;
  const match = dateAndClock.exec(text);
  if (!match) return undefined;
  const [, date = '', hour = '00', minute = '00', second = '00', fraction = '0', sign, hours = '0', minutes = '0'] =
    match;
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  const clock = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1_000;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return inRange(midnight + clock + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset);
}

/** A day of the Gregorian calendar as the epoch ms it begins at; undefined when there is no such day. */
export function dayOf(year: number, month: number, day: number): number | undefined {
  if (![year, month, day].every(Number.isInteger)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date.getTime()
    : undefined;
}

/**
 * Moves a time by units of the calendar: a month after 31 January is the last day of February.
 *
 * @returns undefined beyond what dates can express.
 */
export function plus(time: number, count: number, unit: Unit): number | undefined {
  const length = fixedLengths[unit];
  if (length !== undefined) return inRange(time + count * length);
  const date = new Date(time);
  const month = date.getUTCMonth() + count * (monthsOf[unit] ?? 1);
  const last = new Date(0);
  last.setUTCFullYear(date.getUTCFullYear(), month + 1, 0);
  const day = Math.min(date.getUTCDate(), last.getUTCDate());
  date.setUTCFullYear(date.getUTCFullYear(), month, day);
  return inRange(date.getTime());
}

/** The begin of the unit of the calendar that a time lies in, in UTC. Weeks begin on Sunday, decades with a year that ends in 0. */
export function startOf(time: number, unit: Unit): number {
  const length = fixedLengths[unit];
  if (length !== undefined) {
    const origin = unit === 'week' ? FIRST_SUNDAY : 0;
    return origin + Math.floor((time - origin) / length) * length;
  }
  const date = new Date(time);
  const months = monthsOf[unit] ?? 1;
  const start = new Date(0);
  if (months === 1) start.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth(), 1);
  else start.setUTCFullYear(Math.floor(date.getUTCFullYear() / (months / 12)) * (months / 12), 0, 1);
  return start.getTime();
}

/** `today` and its neighbours are the begin of the day. */
export function momentOf(moment: Moment, now: number): number {
  const today = startOf(now, 'day');
  switch (moment) {
    case 'now':
      return now;
    case 'today':
      return today;
    case 'yesterday':
      return today - DAY;
    case 'tomorrow':
      return today + DAY;
  }
}

function inRange(time: number): number | undefined {
  return Math.abs(time) <= 8.64e15 ? time : undefined;
}
