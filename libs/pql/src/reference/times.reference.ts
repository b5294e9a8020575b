import type { Expression, Occurrence } from '../syntax/expression.js';
import { asDate, type Plain } from './values.reference.js';

export function occurs(date: Date | null, occurrence: Occurrence, of: (part: Expression) => Plain, now: Date): boolean {
  if (date === null) return false;
  if (occurrence.form === 'period') {
    const [from] = unitAround(now, occurrence.unit);
    const by = { last: -1, this: 0, next: 1 }[occurrence.period];
    const [start, end] = unitAround(moved(from, by, occurrence.unit), occurrence.unit);
    return start <= date && date < end;
  }
  if (occurrence.form === 'between') {
    const [first, last] = [asDate(of(occurrence.first)), asDate(of(occurrence.last))];
    return first !== null && last !== null && first <= date && date <= last;
  }
  const time = asDate(of(occurrence.time));
  if (time === null) return false;
  if (occurrence.form !== 'distance') {
    if (occurrence.form === 'before') return date < time;
    if (occurrence.form === 'after') return date > time;
    return date.toISOString().slice(0, 10) === time.toISOString().slice(0, 10);
  }
  const count = of(occurrence.count);
  if (typeof count !== 'number' || !Number.isInteger(count)) return false;
  const back = occurrence.direction === 'before';
  const far = moved(time, back ? -count : count, occurrence.unit);
  const [start, end] = unitAround(far, occurrence.unit);
  const inUnit = start <= date && date < end;
  if (occurrence.comparison === '=') return inUnit;
  if (occurrence.comparison === '!=') return !inUnit;
  if (back ? date > time : date < time) return false;
  const nearer = back ? date > far : date < far;
  const there = date.getTime() === far.getTime();
  return { '<': nearer, '<=': nearer || there, '>': !nearer && !there, '>=': !nearer }[occurrence.comparison];
}

const yearsOf: Readonly<Record<string, number>> = { year: 1, decade: 10, century: 100, millennium: 1_000 };

/** Steps day by day, so to say: through the fields of the calendar. */
function moved(date: Date, count: number, unit: string): Date {
  const years = yearsOf[unit];
  const result = new Date(date);
  if (unit === 'month' || years) {
    const months = years ? 12 * years * count : count;
    result.setUTCDate(1);
    result.setUTCMonth(result.getUTCMonth() + months);
    const wanted = date.getUTCDate();
    const month = result.getUTCMonth();
    result.setUTCDate(wanted);
    while (result.getUTCMonth() !== month) result.setUTCDate(result.getUTCDate() - 1);
    return result;
  }
  if (unit === 'week') result.setUTCDate(result.getUTCDate() + 7 * count);
  if (unit === 'day') result.setUTCDate(result.getUTCDate() + count);
  if (unit === 'hour') result.setUTCHours(result.getUTCHours() + count);
  if (unit === 'minute') result.setUTCMinutes(result.getUTCMinutes() + count);
  if (unit === 'second') result.setUTCSeconds(result.getUTCSeconds() + count);
  if (unit === 'millisecond') result.setUTCMilliseconds(result.getUTCMilliseconds() + count);
  return result;
}

function unitAround(date: Date, unit: string): [Date, Date] {
  const text = date.toISOString();
  const lengths: Readonly<Record<string, number>> = { year: 4, month: 7, day: 10, hour: 13, minute: 16, second: 19 };
  const years = yearsOf[unit] ?? 1;
  let start = date;
  if (unit === 'week') {
    start = new Date(`${text.slice(0, 10)}T00:00:00.000Z`);
    start.setUTCDate(start.getUTCDate() - start.getUTCDay());
  } else if (years > 1) {
    start = new Date(Date.UTC(date.getUTCFullYear() - (date.getUTCFullYear() % years), 0, 1));
    if (years === 1_000 && date.getUTCFullYear() < 2000) start.setUTCFullYear(1000);
  } else if (unit !== 'millisecond') {
    start = new Date(text.slice(0, lengths[unit]) + '0000-01-01T00:00:00.000Z'.slice(lengths[unit]));
  }
  return [start, moved(start, 1, unit)];
}
