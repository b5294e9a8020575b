import type { ComparisonOperator } from '../syntax/expression.js';
import type { Budget } from './budget.js';
import { Instant, isArray, isFields, timeOf, type Value } from './value.js';

/** Whether two values are the same; nothing equals nothing. A text that is a date equals the time it stands for. */
export function equal(left: Value, right: Value, budget: Budget): boolean {
  budget.spend(1);
  if (left === null || right === null) return false;
  if (left instanceof Instant || right instanceof Instant) {
    const time = timeOf(left);
    return time !== undefined && time === timeOf(right);
  }
  if (isArray(left) || isArray(right)) {
    if (!isArray(left) || !isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => same(element, right[index] as Value, budget));
  }
  if (!isFields(left) || !isFields(right)) {
    if (typeof left === 'string') budget.spend(left.length / 256);
    return left === right;
  }
  const keys = Object.keys(left);
  const [these, those] = [left, right];
  if (keys.length !== Object.keys(those).length) return false;
  return keys.every((key) => Object.hasOwn(those, key) && same(these[key] as Value, those[key] as Value, budget));
}

/** As `equal`, with nothing the same as nothing: within arrays and objects. */
function same(left: Value, right: Value, budget: Budget): boolean {
  return left === null && right === null ? true : equal(left, right, budget);
}

/** A comparison with nothing is false; values of different kinds are not equal and have no order. */
export function compare(operator: ComparisonOperator, left: Value, right: Value, budget: Budget): boolean {
  if (left === null || right === null) return false;
  if (operator === '=') return equal(left, right, budget);
  if (operator === '!=') return !equal(left, right, budget);
  const order = orderOf(left, right, budget);
  if (order === undefined) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Numbers by size, texts by UTF-16 code units, times by time. */
function orderOf(left: Value, right: Value, budget: Budget): number | undefined {
  if (left instanceof Instant || right instanceof Instant) {
    const [first, second] = [timeOf(left), timeOf(right)];
    return first === undefined || second === undefined ? undefined : first - second;
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  budget.spend(Math.min(left.length, right.length) / 256);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Where a value stands among values of all kinds; undefined for those without an order. */
function rank(value: Value): number | undefined {
  if (typeof value === 'boolean') return 0;
  if (typeof value === 'number') return 1;
  if (typeof value === 'string') return 2;
  return value instanceof Instant ? 3 : undefined;
}

/** Whether a value can be sorted by: everything but nothing, arrays and objects. */
export function isSortable(value: Value): value is boolean | number | string | Instant {
  return rank(value) !== undefined;
}

/** A total order of sortable values: false and true, then numbers, then texts, then times. */
export function sortOrder(left: Value, right: Value, budget: Budget): number {
  budget.spend(1);
  const byRank = (rank(left) ?? 0) - (rank(right) ?? 0);
  if (byRank !== 0) return byRank;
  return typeof left === 'boolean' ? Number(left) - Number(right) : (orderOf(left, right, budget) ?? 0);
}
