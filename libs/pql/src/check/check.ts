import type { Expression, ExpressionOf, Occurrence, Position } from '../syntax/expression.js';
import { faultAt, PqlError, type PqlFault } from '../syntax/fault.js';
import { checkCall } from './check-call.js';
import { bound, within, type TypeScope } from './scope.js';
import {
  arrayOf,
  comparable,
  describeType,
  either,
  eventType,
  fits,
  itemOf,
  objectOf,
  profileType,
  types,
  type Type,
} from './type.js';

/**
 * Checks that an expression means something: its names, the number and types of what functions are given, what
 * operators stand between.
 *
 * @returns the type of its value.
 * @throws PqlError with every fault.
 */
export function check(expression: Expression): Type {
  const checker = new Checker();
  const type = checker.typeOf(expression, { about: profileType, element: undefined, variables: new Map() });
  if (checker.faults.length === 0) return type;
  throw new PqlError(checker.faults.toSorted((one, other) => one.line - other.line || one.column - other.column));
}

/** Finds the types of expressions, and faults on the way. */
export class Checker {
  readonly faults: PqlFault[] = [];

  typeOf(expression: Expression, scope: TypeScope): Type {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression);
      case 'array':
        return arrayOf(expression.items.map((item) => this.typeOf(item, scope)).reduce<Type>(either, types.null));
      case 'object':
        return objectOf(expression.entries.map(([key, value]) => [key, this.typeOf(value, scope)] as const));
      case 'name':
        return this.named(expression, scope);
      case 'this':
        return scope.about;
      case 'element':
        if (scope.element) return scope.element;
        return this.fault(expression.at, "'$1' means nothing here: there is no element that is looked at", ['a name']);
      case 'field':
        return this.field(this.typeOf(expression.of, scope), expression.name, expression.at);
      case 'filter':
        return this.filter(expression, scope);
      case 'unary': {
        const wanted = expression.operator === 'not' ? types.boolean : types.number;
        this.wanted(expression.operand, scope, wanted);
        return wanted;
      }
      case 'binary':
        return this.binary(expression, scope);
      case 'call':
        return checkCall(this, expression, scope);
      case 'lambda':
        return this.fault(expression.at, 'a function stands only where one is asked for', ['an expression']);
      case 'let':
        return this.typeOf(expression.body, bound(scope, expression.name, this.typeOf(expression.value, scope)));
      case 'quantifier':
        return this.quantifier(expression, scope);
      case 'moment':
        return types.time;
      case 'occurs':
        this.wanted(expression.value, scope, types.time);
        this.occurrence(expression.occurrence, scope);
        return types.boolean;
    }
  }

  /** Checks an expression whose value is used as being of a type. */
  wanted(expression: Expression, scope: TypeScope, wanted: Type): Type {
    const actual = this.typeOf(expression, scope);
    if (!fits(actual, wanted)) this.fault(expression.at, `is ${describeType(actual)}`, [describeType(wanted)]);
    return actual;
  }

  fault(at: Position, message: string, expected: readonly string[] = []): Type {
    this.faults.push(faultAt(at, message, expected));
    return types.any;
  }

  private named({ name, at }: ExpressionOf<'name'>, scope: TypeScope): Type {
    const variable = scope.variables.get(name);
    if (variable) return variable;
    return name === 'xEvent' ? arrayOf(eventType) : this.field(scope.about, name, at);
  }

  private field(of: Type, name: string, at: Position): Type {
    switch (of.kind) {
      case 'any':
      case 'null':
        return types.any;
      case 'array': {
        const field = this.field(of.item, name, at);
        return arrayOf(itemOf(field));
      }
      case 'map':
        return of.item;
      case 'object': {
        const field = of.fields.get(name);
        if (field) return field;
        if (of.open) return types.any;
        return this.fault(
          at,
          `there is no field '${name}' here`,
          [...of.fields.keys()].map((key) => `'${key}'`),
        );
      }
      case 'boolean':
      case 'integer':
      case 'number':
      case 'text':
      case 'time':
        return this.fault(at, `${describeType(of)} has no field '${name}'`);
    }
  }

  private filter({ of, condition }: ExpressionOf<'filter'>, scope: TypeScope): Type {
    const item = itemOf(this.typeOf(of, scope));
    this.wanted(condition, within(item, scope), types.boolean);
    return arrayOf(item);
  }

  private binary({ operator, left, right, at }: ExpressionOf<'binary'>, scope: TypeScope): Type {
    switch (operator) {
      case 'and':
      case 'or':
        this.wanted(left, scope, types.boolean);
        this.wanted(right, scope, types.boolean);
        return types.boolean;
      case 'like':
        this.wanted(left, scope, types.text);
        this.wanted(right, scope, types.text);
        return types.boolean;
      case 'in':
      case 'notIn': {
        const sought = this.typeOf(left, scope);
        const among = itemOf(this.typeOf(right, scope));
        if (!comparable(sought, among)) this.incomparable(at, sought, among);
        return types.boolean;
      }
      case '+':
      case '-':
      case '*':
      case '/':
      case '%': {
        const given = [this.wanted(left, scope, types.number), this.wanted(right, scope, types.number)];
        return operator !== '/' && given.every(({ kind }) => kind === 'integer') ? types.integer : types.number;
      }
      case '=':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const [first, second] = [this.typeOf(left, scope), this.typeOf(right, scope)];
        if (!comparable(first, second)) this.incomparable(at, first, second);
        return types.boolean;
      }
    }
  }

  private incomparable(at: Position, left: Type, right: Type): void {
    this.fault(at, `${describeType(left)} cannot be compared with ${describeType(right)}`, [
      'values of one type on both sides',
    ]);
  }

  private quantifier({ quantifier, variables, where, at }: ExpressionOf<'quantifier'>, scope: TypeScope): Type {
    let inner = scope;
    const items = variables.map(({ name, from }) => {
      const item = itemOf(this.typeOf(from, inner));
      inner = bound(inner, name, item);
      return item;
    });
    this.wanted(where, inner, types.boolean);
    if (quantifier !== 'select') return types.boolean;
    if (items.length > 1) this.fault(at, "'select' has one variable", ["'where'"]);
    return arrayOf(items[0] ?? types.any);
  }

  private occurrence(occurrence: Occurrence, scope: TypeScope): void {
    switch (occurrence.form) {
      case 'before':
      case 'after':
      case 'on':
        this.wanted(occurrence.time, scope, types.time);
        return;
      case 'between':
        this.wanted(occurrence.first, scope, types.time);
        this.wanted(occurrence.last, scope, types.time);
        return;
      case 'distance':
        this.wholeNumber(occurrence.count, scope);
        this.wanted(occurrence.time, scope, types.time);
        return;
      case 'period':
        return;
    }
  }

  /** Checks an expression that has to be a whole number, not negative; what is no literal shows later. */
  wholeNumber(expression: Expression, scope: TypeScope): void {
    const isLiteral = expression.kind === 'literal' && typeof expression.value === 'number';
    if (isLiteral && !expression.integer) this.fault(expression.at, 'is no whole number', ['an integer']);
    else this.wanted(expression, scope, types.integer);
  }
}

function literalType({ value, integer }: ExpressionOf<'literal'>): Type {
  if (value === null) return types.null;
  if (typeof value === 'boolean') return types.boolean;
  if (typeof value === 'string') return types.text;
  return integer ? types.integer : types.number;
}
