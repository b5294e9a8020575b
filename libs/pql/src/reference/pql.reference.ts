import type { Expression } from '../syntax/expression.js';
import { called } from './functions.reference.js';
import { occurs } from './times.reference.js';
import { asDate, field, list, operation, tidy, type Plain } from './values.reference.js';

interface Names {
  readonly about: Plain;
  readonly element: Plain;
  readonly variables: Readonly<Record<string, Plain>>;
}

export interface ReferenceSubject {
  readonly events: readonly Plain[];
  readonly profile: Plain;
  readonly now: Date;
}

/**
 * A second evaluator, written apart from the first one: slow and plain. It shares the shape of expressions and nothing
 * else.
 */
export function referenceValue(expression: Expression, subject: ReferenceSubject): Plain {
  return evaluate(expression, { about: subject.profile, element: null, variables: {} }, subject);
}

function evaluate(expression: Expression, names: Names, subject: ReferenceSubject): Plain {
  const of = (part: Expression, inner: Names = names) => evaluate(part, inner, subject);
  const about = (element: Plain): Names => ({ ...names, about: element, element });
  const named = (name: string, value: Plain, outer: Names = names): Names => ({
    ...outer,
    variables: { ...outer.variables, [name]: value },
  });
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'array':
      return expression.items.map((item) => of(item));
    case 'object':
      return Object.fromEntries(expression.entries.map(([key, value]) => [key, of(value)]));
    case 'name':
      if (expression.name in names.variables) return names.variables[expression.name];
      return expression.name === 'xEvent' ? subject.events : field(names.about, expression.name);
    case 'this':
      return names.about;
    case 'element':
      return names.element;
    case 'field':
      return field(of(expression.of), expression.name);
    case 'filter':
      return list(of(expression.of)).filter((element) => of(expression.condition, about(element)) === true);
    case 'unary': {
      const operand = of(expression.operand);
      if (expression.operator === 'not') return operand === true ? false : true;
      return typeof operand === 'number' ? tidy(-operand) : null;
    }
    case 'binary':
      return operation(expression.operator, of(expression.left), of(expression.right));
    case 'let':
      return of(expression.body, named(expression.name, of(expression.value)));
    case 'quantifier': {
      let choices: Names[] = [names];
      for (const { name, from } of expression.variables) {
        choices = choices.flatMap((choice) => list(of(from, choice)).map((element) => named(name, element, choice)));
      }
      const good = choices.filter((choice) => of(expression.where, choice) === true);
      if (expression.quantifier === 'exists') return good.length > 0;
      if (expression.quantifier === 'forall') return good.length === choices.length;
      return good.map((choice) => choice.variables[expression.variables[0]?.name ?? '']);
    }
    case 'moment': {
      if (expression.moment === 'now') return subject.now;
      const day = new Date(`${subject.now.toISOString().slice(0, 10)}T00:00:00.000Z`);
      day.setUTCDate(day.getUTCDate() + { today: 0, yesterday: -1, tomorrow: 1 }[expression.moment]);
      return day;
    }
    case 'occurs':
      return occurs(asDate(of(expression.value)), expression.occurrence, of, subject.now);
    case 'lambda':
      return null;
    case 'call': {
      const [first, second, third] = expression.parameters;
      const each = (element: Plain): Plain => {
        if (!second) return null;
        if (second.kind !== 'lambda') return of(second, about(element));
        return of(second.body, named(second.parameter, element, { ...names, element }));
      };
      return called(expression.name, {
        first: first ? of(first) : null,
        second: () => (second ? of(second) : null),
        third: () => (third ? of(third) : null),
        each,
        now: subject.now,
      });
    }
  }
}
