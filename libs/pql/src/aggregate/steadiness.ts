import { plus, startOf } from '../evaluate/time.js';
import type { Expression, Unit } from '../syntax/expression.js';
import { partsOf } from '../syntax/parts.js';

/** What the functions of the present date change with. */
const ofDate: Readonly<Record<string, Unit>> = {
  currentMonth: 'month',
  currentYear: 'year',
  currentDayOfMonth: 'day',
};
/** What depends on the present moment itself, or on less than this, is asked about again so often. */
const LEAST: Unit = 'minute';
const belowLeast: readonly Unit[] = ['millisecond', 'second'];

/**
 * Until when an expression means the same while nothing but time passes.
 *
 * @param now epoch ms.
 * @returns epoch ms; infinite where the time it is asked at does not matter.
 */
export function steadyUntil(expression: Expression, now: number): number {
  const units = [...new Set(unitsOf(expression))];
  return Math.min(Infinity, ...units.map((unit) => plus(startOf(now, unit), 1, unit) ?? Infinity));
}

/** The units of the calendar with which an expression may come to mean something else. */
function unitsOf(expression: Expression): Unit[] {
  return [...ownUnits(expression), ...partsOf(expression).flatMap(unitsOf)];
}

function ownUnits(expression: Expression): Unit[] {
  if (expression.kind === 'moment') return [expression.moment === 'now' ? LEAST : 'day'];
  if (expression.kind === 'call') {
    const unit = ofDate[expression.name];
    return unit === undefined ? [] : [unit];
  }
  if (expression.kind !== 'occurs' || expression.occurrence.form !== 'period') return [];
  const { unit } = expression.occurrence;
  return [belowLeast.includes(unit) ? LEAST : unit];
}
