import type { Parameter, PqlFunction } from '../functions/function.js';
import { functions } from '../functions/functions.js';
import { compilePattern } from '../functions/pattern.js';
import { dayOf } from '../evaluate/time.js';
import type { Expression, ExpressionOf } from '../syntax/expression.js';
import type { Checker } from './check.js';
import { bound, within, type TypeScope } from './scope.js';
import { itemOf, types, type Type } from './type.js';

/** Names of functions that are called as operators. */
const operators = ['in', 'notIn', 'like', 'and', 'or', 'not', 'occurs'];

/** Checks the call of a function. @returns the type of its result. */
export function checkCall(checker: Checker, call: ExpressionOf<'call'>, scope: TypeScope): Type {
  const { name, parameters, at } = call;
  const called = functions.get(name);
  if (!called) {
    for (const parameter of parameters) if (parameter.kind !== 'lambda') checker.typeOf(parameter, scope);
    if (operators.includes(name)) return checker.fault(at, `'${name}' is an operator`, [`a ${name} b`]);
    return checker.fault(at, `there is no function '${name}'`, similarNames(name));
  }
  const least = called.parameters.filter(({ optional }) => !optional).length;
  if (parameters.length < least || parameters.length > called.parameters.length) {
    const most = called.parameters.length;
    const wanted = least === most ? `${most}` : `${least} to ${most}`;
    return checker.fault(at, `'${name}' takes ${wanted} parameters, not ${parameters.length}`, [usage(name, called)]);
  }
  const given: Type[] = [];
  for (const [index, parameter] of parameters.entries()) {
    given.push(checkParameter(checker, parameter, called.parameters[index] as Parameter, given[0], scope));
  }
  if (name === 'date') checkDate(checker, call);
  return called.result(given);
}

function checkParameter(
  checker: Checker,
  given: Expression,
  { takes, type, name }: Parameter,
  first: Type | undefined,
  scope: TypeScope,
): Type {
  switch (takes) {
    case 'value':
      return checker.wanted(given, scope, type);
    case 'count':
      checker.wholeNumber(given, scope);
      return types.integer;
    case 'each': {
      const item = itemOf(first ?? types.any);
      if (given.kind !== 'lambda') return checker.wanted(given, within(item, scope), type);
      const inner = bound({ ...scope, element: item }, given.parameter, item);
      return checker.wanted(given.body, inner, type);
    }
    case 'pattern': {
      if (given.kind !== 'literal' || typeof given.value !== 'string') {
        return checker.fault(given.at, `the ${name} must be written here`, ['a text in double quotes']);
      }
      const compiled = compilePattern(given.value);
      return typeof compiled === 'string' ? checker.fault(given.at, compiled, ['a regular expression']) : types.text;
    }
  }
}

function checkDate(checker: Checker, { parameters, at }: ExpressionOf<'call'>): void {
  const parts = parameters.map((part) => (part.kind === 'literal' ? part.value : undefined));
  if (!parts.every((part) => typeof part === 'number')) return;
  const [year = 0, month = 0, day = 0] = parts;
  if (dayOf(year, month, day) === undefined) checker.fault(at, 'there is no such day', ['date(year, month, day)']);
}

/** How a function is called, for people. */
export function usage(name: string, { parameters }: PqlFunction): string {
  const [first, ...others] = parameters.map((parameter) =>
    parameter.optional ? `${parameter.name}?` : parameter.name,
  );
  return first === undefined ? `${name}()` : `${first}.${name}(${others.join(', ')})`;
}

/** Functions that a misspelt name may have meant. */
function similarNames(name: string): string[] {
  const lower = name.toLowerCase();
  const found = [...functions.keys()].filter((known) => {
    const candidate = known.toLowerCase();
    return candidate.startsWith(lower.slice(0, 3)) || lower.startsWith(candidate);
  });
  return found.length > 0 ? found.slice(0, 5) : ['a function of PQL'];
}
