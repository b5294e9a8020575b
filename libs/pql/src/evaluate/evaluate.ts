import type { JsonObject } from '@tessera/contracts';
import type { RE2JS } from 're2js';
import { includes } from '../functions/arrays.js';
import type { Call } from '../functions/function.js';
import { functions } from '../functions/functions.js';
import { compilePattern } from '../functions/pattern.js';
import { like } from '../functions/texts.js';
import type { ArithmeticOperator, Expression, ExpressionOf } from '../syntax/expression.js';
import type { Budget } from './budget.js';
import { compare } from './compare.js';
import { contains, intervalOf } from './occurrence.js';
import { momentOf } from './time.js';
import { elementsOf, fieldOf, Instant, timeOf, type Value } from './value.js';

/** What an expression is evaluated over. */
export interface Subject {
  /** The person's events, oldest first, each with its `timestamp` as an {@link Instant}. */
  readonly events: readonly Value[];
  readonly profile: JsonObject;
  /** Epoch ms; the same throughout. */
  readonly now: number;
  readonly budget: Budget;
}

interface Variable {
  readonly name: string;
  readonly value: Value;
  readonly outer: Variable | undefined;
}

/** What names and `$1` mean at a place. */
export interface Scope {
  /** What the expression is about. */
  readonly about: Value;
  readonly element: Value;
  readonly variables: Variable | undefined;
}

/** Evaluates a checked expression. */
export class Evaluation {
  private readonly patterns = new Map<Expression, RE2JS>();

  constructor(private readonly subject: Subject) {}

  /** The scope of a whole expression: the person. */
  get outermost(): Scope {
    return { about: this.subject.profile, element: null, variables: undefined };
  }

  /** The same with further variables. */
  outermostWith(variables: readonly (readonly [string, Value])[]): Scope {
    return variables.reduce((scope, [name, value]) => bound(scope, name, value), this.outermost);
  }

  get budget(): Budget {
    return this.subject.budget;
  }

  /** What a function asks of one element, as an expression about it or as `(x) => …`. */
  each(expression: Expression, element: Value, scope: Scope = this.outermost): Value {
    if (expression.kind !== 'lambda') return this.evaluate(expression, within(element, scope));
    return this.evaluate(expression.body, bound({ ...scope, element }, expression.parameter, element));
  }

  /** Whether a condition about one element holds, in which it may have a name. */
  holds(condition: Expression, element: Value, name: string | undefined): boolean {
    const inner = within(element, this.outermost);
    return this.evaluate(condition, name === undefined ? inner : bound(inner, name, element)) === true;
  }

  /** @throws PqlLimitError when it takes too much. */
  evaluate(expression: Expression, scope: Scope = this.outermost): Value {
    const { budget, now } = this.subject;
    budget.spend(1);
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'array':
        return expression.items.map((item) => this.evaluate(item, scope));
      case 'object':
        return Object.fromEntries(expression.entries.map(([key, value]) => [key, this.evaluate(value, scope)]));
      case 'name':
        return this.named(expression.name, scope);
      case 'this':
        return scope.about;
      case 'element':
        return scope.element;
      case 'field':
        return fieldOf(this.evaluate(expression.of, scope), expression.name, budget);
      case 'filter': {
        const elements = elementsOf(this.evaluate(expression.of, scope));
        return elements.filter((element) => this.evaluate(expression.condition, within(element, scope)) === true);
      }
      case 'unary': {
        const operand = this.evaluate(expression.operand, scope);
        if (expression.operator === 'not') return operand !== true;
        return typeof operand === 'number' ? 0 - operand : null;
      }
      case 'binary':
        return this.binary(expression, scope);
      case 'call':
        return this.call(expression, scope);
      case 'lambda':
        return null;
      case 'let':
        return this.evaluate(expression.body, bound(scope, expression.name, this.evaluate(expression.value, scope)));
      case 'quantifier':
        return this.quantified(expression, scope);
      case 'moment':
        return new Instant(momentOf(expression.moment, now));
      case 'occurs':
        return this.occurs(expression, scope);
    }
  }

  private named(name: string, { about, variables }: Scope): Value {
    for (let variable = variables; variable; variable = variable.outer) {
      if (variable.name === name) return variable.value;
    }
    return name === 'xEvent' ? this.subject.events : fieldOf(about, name, this.subject.budget);
  }

  private binary({ operator, left, right }: ExpressionOf<'binary'>, scope: Scope): Value {
    const { budget } = this.subject;
    const first = this.evaluate(left, scope);
    if (operator === 'and') return first === true && this.evaluate(right, scope) === true;
    if (operator === 'or') return first === true || this.evaluate(right, scope) === true;
    const second = this.evaluate(right, scope);
    switch (operator) {
      case 'in':
        return first !== null && includes(elementsOf(second), first, { budget });
      case 'notIn':
        return first !== null && second !== null && !includes(elementsOf(second), first, { budget });
      case 'like':
        return typeof first === 'string' && typeof second === 'string' && like(first, second, { budget });
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return arithmetic(operator, first, second);
      case '=':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return compare(operator, first, second, budget);
    }
  }

  private call({ name, parameters }: ExpressionOf<'call'>, scope: Scope): Value {
    const found = functions.get(name);
    if (!found) return null;
    const values: (Value | undefined)[] = [];
    const call: Call = {
      budget: this.subject.budget,
      now: this.subject.now,
      value: (index) => {
        const [parameter, known] = [parameters[index], values[index]];
        if (known !== undefined) return known;
        return (values[index] = parameter ? this.evaluate(parameter, scope) : null);
      },
      elements: () => elementsOf(call.value(0)),
      each: (index, element) => {
        const parameter = parameters[index];
        return parameter ? this.each(parameter, element, scope) : null;
      },
      pattern: (index) => this.pattern(parameters[index]),
    };
    return found.run(call);
  }

  private pattern(parameter: Expression | undefined): RE2JS {
    if (parameter?.kind !== 'literal' || typeof parameter.value !== 'string') throw new Error('unchecked pattern');
    const known = this.patterns.get(parameter);
    if (known) return known;
    const compiled = compilePattern(parameter.value);
    if (typeof compiled === 'string') throw new Error('unchecked pattern');
    this.patterns.set(parameter, compiled);
    return compiled;
  }

  private quantified({ quantifier, variables, where }: ExpressionOf<'quantifier'>, scope: Scope): Value {
    if (quantifier === 'select') {
      const [variable] = variables;
      if (!variable) return [];
      const elements = elementsOf(this.evaluate(variable.from, scope));
      return elements.filter((element) => this.evaluate(where, bound(scope, variable.name, element)) === true);
    }
    const sought = quantifier === 'exists';
    const search = (index: number, inner: Scope): boolean => {
      const variable = variables[index];
      if (!variable) return (this.evaluate(where, inner) === true) === sought;
      const elements = elementsOf(this.evaluate(variable.from, inner));
      return elements.some((element) => search(index + 1, bound(inner, variable.name, element)));
    };
    return search(0, scope) === sought;
  }

  private occurs({ value, occurrence }: ExpressionOf<'occurs'>, scope: Scope): Value {
    const time = timeOf(this.evaluate(value, scope));
    if (time === undefined) return false;
    const { interval, outside } = this.interval(occurrence, scope);
    return contains(interval, time) !== outside;
  }

  /** When something has to lie to occur as asked here. */
  interval(occurrence: ExpressionOf<'occurs'>['occurrence'], scope: Scope = this.outermost) {
    const time = (expression: Expression) => timeOf(this.evaluate(expression, scope));
    const times = 'time' in occurrence ? [time(occurrence.time)] : [];
    if (occurrence.form === 'between') times.push(time(occurrence.first), time(occurrence.last));
    const count = occurrence.form === 'distance' ? this.evaluate(occurrence.count, scope) : undefined;
    return intervalOf(occurrence, {
      now: this.subject.now,
      times,
      count: typeof count === 'number' && Number.isInteger(count) ? count : undefined,
    });
  }
}

function within(element: Value, scope: Scope): Scope {
  return { about: element, element, variables: scope.variables };
}

function bound(scope: Scope, name: string, value: Value): Scope {
  return { ...scope, variables: { name, value, outer: scope.variables } };
}

function arithmetic(operator: ArithmeticOperator, left: Value, right: Value): number | null {
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  const result = { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right }[
    operator
  ];
  return Number.isFinite(result) ? result + 0 : null;
}
