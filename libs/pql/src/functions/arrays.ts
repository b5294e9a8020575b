import { arrayOf, either, itemOf, mapOf, types } from '../check/type.js';
import { equal, isSortable, sortOrder } from '../evaluate/compare.js';
import { ExactSum } from '../evaluate/exact-sum.js';
import { canonicalText, elementsOf, type Value } from '../evaluate/value.js';
import { each, value, type Call, type Parameter, type PqlFunction } from './function.js';

const array = value('array', arrayOf(types.any));
const numbers = value('array', arrayOf(types.number));
const count: Parameter = { name: 'n', takes: 'count', type: types.integer };

/** Whether a value is among others. */
export function includes(elements: readonly Value[], sought: Value, { budget }: Pick<Call, 'budget'>): boolean {
  return elements.some((element) => equal(element, sought, budget));
}

function subset(part: readonly Value[], whole: readonly Value[], call: Call): boolean {
  return part.every((element) => includes(whole, element, call));
}

/** The first of each of several equal elements. */
export function distinct(elements: readonly Value[], { budget }: Pick<Call, 'budget'>): Value[] {
  const firsts = new Map<string, Value>();
  for (const element of elements) {
    const text = canonicalText(element, budget);
    if (!firsts.has(text)) firsts.set(text, element);
  }
  return [...firsts.values()];
}

/** The `n` elements with the highest or lowest keys; equal keys as in the array. Elements without a key are left out. */
function extreme(call: Call, direction: 1 | -1): Value[] {
  const keyed = call.elements().flatMap((element) => {
    const key = call.each(1, element);
    return isSortable(key) ? [{ key, element }] : [];
  });
  keyed.sort((left, right) => direction * sortOrder(left.key, right.key, call.budget));
  return keyed.slice(0, Number(call.value(2) ?? 0)).map(({ element }) => element);
}

/** The lowest (1) or highest (-1) of the elements that have an order. */
function limit(call: Call, direction: 1 | -1): Value {
  let found: Value = null;
  for (const element of call.elements()) {
    if (!isSortable(element)) continue;
    if (found === null || direction * sortOrder(element, found, call.budget) < 0) found = element;
  }
  return found;
}

function total(call: Call): { sum: ExactSum; count: number } {
  const sum = new ExactSum();
  let count = 0;
  for (const element of call.elements()) {
    call.budget.spend(1);
    if (typeof element !== 'number') continue;
    sum.add(element);
    count += 1;
  }
  return { sum, count };
}

/** The mean of an exact sum; `null` of nothing. */
export function mean(sum: ExactSum, count: number): number | null {
  const total = sum.value();
  return count === 0 || total === null ? null : total / count;
}

function grouped(call: Call): Value {
  const groups = new Map<string, Value[]>();
  for (const element of call.elements()) {
    const key = call.each(1, element);
    if (key === null) continue;
    const text = typeof key === 'string' ? key : canonicalKey(key, call);
    const group = groups.get(text);
    if (group) group.push(element);
    else groups.set(text, [element]);
  }
  return Object.fromEntries(groups);
}

function canonicalKey(key: Value, { budget }: Call): string {
  return canonicalText(key, budget);
}

const ofBoth = [array, value('other', arrayOf(types.any))];

export const arrayFunctions: Readonly<Record<string, PqlFunction>> = {
  intersects: {
    parameters: ofBoth,
    result: () => types.boolean,
    run: (call) => {
      const others = elementsOf(call.value(1));
      return call.elements().some((element) => includes(others, element, call));
    },
  },
  intersection: {
    parameters: ofBoth,
    result: ([first = types.any]) => arrayOf(itemOf(first)),
    run: (call) => {
      const others = elementsOf(call.value(1));
      return distinct(
        call.elements().filter((element) => includes(others, element, call)),
        call,
      );
    },
  },
  subsetOf: {
    parameters: ofBoth,
    result: () => types.boolean,
    run: (call) => subset(call.elements(), elementsOf(call.value(1)), call),
  },
  supersetOf: {
    parameters: ofBoth,
    result: () => types.boolean,
    run: (call) => subset(elementsOf(call.value(1)), call.elements(), call),
  },
  includes: {
    parameters: [array, value('value', types.any)],
    result: () => types.boolean,
    run: (call) => includes(call.elements(), call.value(1), call),
  },
  distinct: {
    parameters: [array],
    result: ([first = types.any]) => arrayOf(itemOf(first)),
    run: (call) => distinct(call.elements(), call),
  },
  groupBy: {
    parameters: [array, each('key', types.any)],
    result: ([first = types.any]) => mapOf(arrayOf(itemOf(first))),
    run: grouped,
  },
  filter: {
    parameters: [array, each('condition', types.boolean)],
    result: ([first = types.any]) => arrayOf(itemOf(first)),
    run: (call) => call.elements().filter((element) => call.each(1, element) === true),
  },
  map: {
    parameters: [array, each('value', types.any)],
    result: ([, each = types.any]) => arrayOf(each),
    run: (call) => call.elements().map((element) => call.each(1, element)),
  },
  topN: {
    parameters: [array, each('key', types.any), count],
    result: ([first = types.any]) => arrayOf(itemOf(first)),
    run: (call) => extreme(call, -1),
  },
  bottomN: {
    parameters: [array, each('key', types.any), count],
    result: ([first = types.any]) => arrayOf(itemOf(first)),
    run: (call) => extreme(call, 1),
  },
  head: {
    parameters: [array],
    result: ([first = types.any]) => itemOf(first),
    run: (call) => call.elements()[0] ?? null,
  },
  count: { parameters: [array], result: () => types.integer, run: (call) => call.elements().length },
  sum: { parameters: [numbers], result: () => types.number, run: (call) => total(call).sum.value() },
  average: {
    parameters: [numbers],
    result: () => types.number,
    run: (call) => {
      const { sum, count } = total(call);
      return mean(sum, count);
    },
  },
  min: {
    parameters: [array],
    result: ([first = types.any]) => either(itemOf(first), types.null),
    run: (call) => limit(call, 1),
  },
  max: {
    parameters: [array],
    result: ([first = types.any]) => either(itemOf(first), types.null),
    run: (call) => limit(call, -1),
  },
};
