import type { RE2JS } from 're2js';
import type { Type } from '../check/type.js';
import type { Budget } from '../evaluate/budget.js';
import type { Value } from '../evaluate/value.js';

/** What a function takes at one place. */
export interface Parameter {
  readonly name: string;
  /**
   * `value`: a value. `each`: an expression, or `(x) => …`, over each element of the first parameter. `pattern`: a
   * regular expression, written as text. `count`: a whole number that is not negative.
   */
  readonly takes: 'value' | 'each' | 'pattern' | 'count';
  readonly type: Type;
  readonly optional?: true;
}

/** One call at work. Parameters are evaluated when they are asked for. */
export interface Call {
  /** The value at a place; `null` where an optional one is not given. */
  value(index: number): Value;
  /** The elements of the first parameter. */
  elements(): readonly Value[];
  /** The `each` expression at a place, for one element. */
  each(index: number, element: Value): Value;
  pattern(index: number): RE2JS;
  readonly budget: Budget;
  /** Epoch ms. */
  readonly now: number;
}

/** A function of the language. */
export interface PqlFunction {
  readonly parameters: readonly Parameter[];
  /** The type of its result, from those of what it is given (of `each`: of what the expression gives). */
  result(given: readonly Type[]): Type;
  run(call: Call): Value;
}

export function value(name: string, type: Type): Parameter {
  return { name, takes: 'value', type };
}

export function optional(name: string, type: Type): Parameter {
  return { name, takes: 'value', type, optional: true };
}

export function each(name: string, type: Type): Parameter {
  return { name, takes: 'each', type };
}
