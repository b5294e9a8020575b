import type { Expression, ExpressionOf } from '../syntax/expression.js';
import { functions } from '../functions/functions.js';
import { anyPart } from '../syntax/parts.js';
import { isLocalEach, person, withVariables } from './locality.js';
import type { Aggregate } from './partial.js';
import { filtered, streamOf, type Stream } from './stream.js';

/** An aggregate within an expression, over events that can be looked at one by one. */
export interface Leaf {
  readonly stream: Stream;
  readonly aggregate: Aggregate;
}

/** An expression as aggregates and what is made of them. */
export interface Split {
  readonly leaves: readonly Leaf[];
  /** The expression, with a variable in the place of each leaf. */
  readonly rest: Expression;
}

/** Elements that one `topN` may keep of each day. */
const MOST_KEPT = 100;
const plain = new Set(['sum', 'average', 'count', 'min', 'max', 'head', 'distinct']);

/** The variable that stands for a leaf; no name can be written so. */
export function leafName(index: number): string {
  return `#${index}`;
}

/**
 * Splits an expression into aggregates over events, and the rest.
 *
 * @returns undefined when some of it needs several events at a time: then it has to be evaluated over all of them.
 */
export function split(expression: Expression): Split | undefined {
  const splitter = new Splitter();
  const rest = splitter.rest(expression);
  return splitter.failed ? undefined : { leaves: splitter.leaves, rest };
}

class Splitter {
  readonly leaves: Leaf[] = [];
  failed = false;
  /** Variables around the place at hand. What uses one of them depends on more than the event at hand. */
  private outer: readonly string[] = [];

  rest(expression: Expression): Expression {
    const leaf = leafOf(expression);
    if (leaf && !this.usesOuter(expression)) return this.keep(leaf, expression);
    switch (expression.kind) {
      case 'name':
        if (expression.name === 'xEvent') this.failed = true;
        return expression;
      case 'literal':
      case 'this':
      case 'element':
      case 'moment':
        return expression;
      case 'array':
        return { ...expression, items: expression.items.map((item) => this.rest(item)) };
      case 'object':
        return { ...expression, entries: expression.entries.map(([key, value]) => [key, this.rest(value)] as const) };
      case 'field':
        return { ...expression, of: this.rest(expression.of) };
      case 'filter':
        return { ...expression, of: this.rest(expression.of), condition: this.rest(expression.condition) };
      case 'unary':
        return { ...expression, operand: this.rest(expression.operand) };
      case 'binary':
        return { ...expression, left: this.rest(expression.left), right: this.rest(expression.right) };
      case 'call': {
        const parameters = expression.parameters.map((parameter, index) => {
          const takes = functions.get(expression.name)?.parameters[index]?.takes;
          return takes === 'pattern' ? parameter : this.rest(parameter);
        });
        return { ...expression, parameters };
      }
      case 'lambda':
        return { ...expression, body: this.within([expression.parameter], expression.body) };
      case 'let': {
        const { name, value, body } = expression;
        return { ...expression, value: this.rest(value), body: this.within([name], body) };
      }
      case 'quantifier':
        return this.quantifier(expression);
      case 'occurs':
        return this.occurs(expression);
    }
  }

  private quantifier(expression: ExpressionOf<'quantifier'>): Expression {
    const { quantifier, variables, where, at } = expression;
    const [variable, more] = variables;
    if (variable && !more && quantifier !== 'select') {
      const condition: Expression =
        quantifier === 'exists' ? where : { kind: 'unary', operator: 'not', operand: where, at: where.at };
      const stream = filtered(streamOf(variable.from), condition, withVariables(person, [variable.name]));
      if (stream && !this.usesOuter(expression)) {
        const left = this.keep({ stream, aggregate: { kind: 'count' } }, expression);
        const right: Expression = { kind: 'literal', value: 0, integer: true, at };
        return { kind: 'binary', operator: quantifier === 'exists' ? '>' : '=', left, right, at };
      }
    }
    const names = variables.map(({ name }) => name);
    return {
      ...expression,
      variables: variables.map(({ name, from }, index) => ({ name, from: this.within(names.slice(0, index), from) })),
      where: this.within(names, where),
    };
  }

  private occurs(expression: ExpressionOf<'occurs'>): Expression {
    const { occurrence } = expression;
    const value = this.rest(expression.value);
    switch (occurrence.form) {
      case 'period':
        return { ...expression, value };
      case 'between':
        return {
          ...expression,
          value,
          occurrence: { ...occurrence, first: this.rest(occurrence.first), last: this.rest(occurrence.last) },
        };
      case 'before':
      case 'after':
      case 'on':
        return { ...expression, value, occurrence: { ...occurrence, time: this.rest(occurrence.time) } };
      case 'distance': {
        const [count, time] = [this.rest(occurrence.count), this.rest(occurrence.time)];
        return { ...expression, value, occurrence: { ...occurrence, count, time } };
      }
    }
  }

  /** What stands within the reach of variables. One may hide the events; such an expression is left whole. */
  private within(names: readonly string[], expression: Expression): Expression {
    const before = this.outer;
    this.outer = [...before, ...names];
    if (names.includes('xEvent')) this.failed = true;
    const result = this.rest(expression);
    this.outer = before;
    return result;
  }

  private usesOuter(expression: Expression): boolean {
    return anyPart(expression, (part) => part.kind === 'name' && this.outer.includes(part.name));
  }

  private keep(leaf: Leaf, { at }: Expression): Expression {
    this.leaves.push(leaf);
    return { kind: 'name', name: leafName(this.leaves.length - 1), at };
  }
}

function leafOf(expression: Expression): Leaf | undefined {
  if (expression.kind !== 'call') return undefined;
  const { name, parameters } = expression;
  const [of, second, third] = parameters;
  if (!of) return undefined;
  if (plain.has(name)) {
    const stream = streamOf(of);
    return stream && { stream, aggregate: { kind: name as 'sum' } };
  }
  if (name === 'map' && second && isLocalEach(second, person)) {
    const found = leafOf(of);
    if (!found || !('then' in found.aggregate)) return undefined;
    return { ...found, aggregate: { ...found.aggregate, then: [...found.aggregate.then, second] } };
  }
  if ((name !== 'topN' && name !== 'bottomN') || !second || !isLocalEach(second, person)) return undefined;
  const limit = third?.kind === 'literal' ? Number(third.value) : Infinity;
  const stream = limit <= MOST_KEPT ? streamOf(of) : undefined;
  return stream && { stream, aggregate: { kind: name, key: second, limit, then: [] } };
}
