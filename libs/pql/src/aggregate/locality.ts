import { functions } from '../functions/functions.js';
import type { Expression } from '../syntax/expression.js';
import { anyPart, partsOf } from '../syntax/parts.js';

/** Where an expression stands. */
export interface Place {
  /** What plain names are fields of: something of the event at hand, or the person. */
  readonly about: 'event' | 'person';
  /** Whether `$1` is something of the event at hand. Quantifiers leave it what it is around them. */
  readonly element: boolean;
  /** Variables that hold something of the event at hand. */
  readonly variables: ReadonlySet<string>;
}

/** Outside of anything that looks at events. */
export const person: Place = { about: 'person', element: false, variables: new Set() };

const ofNow = new Set(['currentMonth', 'currentYear', 'currentDayOfMonth']);

/** Whether a value depends on the event at hand alone: not on the person, other events, or the time it is asked at. */
export function isLocal(expression: Expression, place: Place): boolean {
  const local = (part: Expression) => isLocal(part, place);
  switch (expression.kind) {
    case 'literal':
      return true;
    case 'element':
      return place.element;
    case 'this':
      return place.about === 'event';
    case 'name':
      return place.variables.has(expression.name) || (expression.name !== 'xEvent' && place.about === 'event');
    case 'moment':
    case 'lambda':
      return false;
    case 'array':
    case 'object':
    case 'field':
    case 'unary':
    case 'binary':
      return partsOf(expression).every(local);
    case 'filter':
      return local(expression.of) && isLocalEach(expression.condition, place);
    case 'call':
      if (ofNow.has(expression.name)) return false;
      return expression.parameters.every((parameter, index) => {
        const takes = functions.get(expression.name)?.parameters[index]?.takes;
        return takes === 'each' ? isLocalEach(parameter, place) : local(parameter);
      });
    case 'let':
      return local(expression.value) && isLocal(expression.body, withVariables(place, [expression.name]));
    case 'quantifier': {
      const names = expression.variables.map(({ name }) => name);
      const isEachLocal = expression.variables.every(({ from }, index) =>
        isLocal(from, withVariables(place, names.slice(0, index))),
      );
      return isEachLocal && isLocal(expression.where, withVariables(place, names));
    }
    case 'occurs':
      return expression.occurrence.form !== 'period' && partsOf(expression).every(local);
  }
}

/** The same of what a function asks of each element. */
export function isLocalEach(each: Expression, place: Place): boolean {
  return isLocal(...ofEach(each, place));
}

/** What is said of each element, as an expression about it or as `(x) => …`, and where it stands. */
export function ofEach(each: Expression, place: Place): [Expression, Place] {
  if (each.kind !== 'lambda') return [each, { ...place, about: 'event', element: true }];
  return [each.body, withVariables({ ...place, element: true }, [each.parameter])];
}

export function withVariables(place: Place, names: readonly string[]): Place {
  return { ...place, variables: new Set([...place.variables, ...names]) };
}

/** Whether a value depends on the time it is asked at and nothing else. */
export function isOfTimeAlone(expression: Expression): boolean {
  const kinds: readonly Expression['kind'][] = ['literal', 'moment', 'unary', 'binary', 'call'];
  return !anyPart(expression, (part) => !kinds.includes(part.kind));
}
