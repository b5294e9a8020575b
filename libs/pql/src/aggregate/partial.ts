import { isSortable, sortOrder } from '../evaluate/compare.js';
import type { Budget } from '../evaluate/budget.js';
import { ExactSum } from '../evaluate/exact-sum.js';
import { canonicalText, type Value } from '../evaluate/value.js';
import { mean } from '../functions/arrays.js';
import type { Expression } from '../syntax/expression.js';

/** Where an element comes in the order of a person's events: time, event id, dataset id, place within the event. */
export type Order = readonly [number, string, string, number];

/** One element of a stream. */
export interface Element {
  readonly order: Order;
  readonly value: Value;
  /** What it is sorted by, for `topN` and `bottomN`. */
  readonly key: Value;
}

export type Aggregate =
  | { readonly kind: 'sum' | 'average' | 'count' | 'min' | 'max' | 'head' | 'distinct' }
  | {
      readonly kind: 'topN' | 'bottomN';
      readonly key: Expression;
      readonly limit: number;
      /** What is made of each element found; `map`s that follow. */
      readonly then: readonly Expression[];
    };

/** What is known of an aggregate from some of the elements: enough to join it with what is known from others. */
export interface Partial {
  readonly count: number;
  readonly sum: readonly number[] | null;
  readonly elements: readonly Element[];
}

export const nothing: Partial = { count: 0, sum: [], elements: [] };

/** What some elements, in their order, say. */
export function partialOf(aggregate: Aggregate, elements: readonly Element[], budget: Budget): Partial {
  budget.spend(elements.length);
  switch (aggregate.kind) {
    case 'count':
      return { ...nothing, count: elements.length };
    case 'sum':
    case 'average': {
      const sum = new ExactSum();
      let count = 0;
      for (const { value } of elements) {
        if (typeof value !== 'number') continue;
        sum.add(value);
        count += 1;
      }
      return { count, sum: sum.toParts(), elements: [] };
    }
    case 'min':
    case 'max':
    case 'head':
    case 'distinct':
    case 'topN':
    case 'bottomN':
      return { ...nothing, elements: selected(aggregate, elements, budget) };
  }
}

/** What several parts say together; the same in whatever order and groups they are joined. */
export function joined(aggregate: Aggregate, partials: readonly Partial[], budget: Budget): Partial {
  const sum = new ExactSum();
  for (const partial of partials) sum.addParts(partial.sum);
  const elements = partials.flatMap((partial) => partial.elements);
  return {
    count: partials.reduce((total, { count }) => total + count, 0),
    sum: sum.toParts(),
    elements: elements.length > 0 ? selected(aggregate, elements.sort(byOrder), budget) : elements,
  };
}

/** The value of the aggregate over everything its partial was made of. */
export function valueOf({ kind }: Aggregate, { count, sum, elements }: Partial): Value {
  switch (kind) {
    case 'count':
      return count;
    case 'sum':
      return new ExactSum(sum).value();
    case 'average':
      return mean(new ExactSum(sum), count);
    case 'min':
    case 'max':
    case 'head':
      return elements[0]?.value ?? null;
    case 'distinct':
    case 'topN':
    case 'bottomN':
      return elements.map(({ value }) => value);
  }
}

export function byOrder({ order: left }: Element, { order: right }: Element): number {
  if (left[0] !== right[0]) return left[0] - right[0];
  if (left[1] !== right[1]) return left[1] < right[1] ? -1 : 1;
  if (left[2] !== right[2]) return left[2] < right[2] ? -1 : 1;
  return left[3] - right[3];
}

/** The elements that can matter for the aggregate, of elements in their order. */
function selected(aggregate: Aggregate, elements: readonly Element[], budget: Budget): Element[] {
  switch (aggregate.kind) {
    case 'head':
      return elements.slice(0, 1);
    case 'min':
      return extreme(elements, ({ value }) => value, 1, 1, budget);
    case 'max':
      return extreme(elements, ({ value }) => value, -1, 1, budget);
    case 'topN':
      return extreme(elements, ({ key }) => key, -1, aggregate.limit, budget);
    case 'bottomN':
      return extreme(elements, ({ key }) => key, 1, aggregate.limit, budget);
    case 'distinct': {
      const firsts = new Map<string, Element>();
      for (const element of elements) {
        const text = canonicalText(element.value, budget);
        if (!firsts.has(text)) firsts.set(text, element);
      }
      return [...firsts.values()];
    }
    case 'count':
    case 'sum':
    case 'average':
      return [];
  }
}

function extreme(
  elements: readonly Element[],
  by: (element: Element) => Value,
  direction: 1 | -1,
  limit: number,
  budget: Budget,
): Element[] {
  return elements
    .filter((element) => isSortable(by(element)))
    .sort((left, right) => direction * sortOrder(by(left), by(right), budget))
    .slice(0, limit);
}
