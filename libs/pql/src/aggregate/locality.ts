import { functions } from '../functions/functions.js';
import type { Expression } from '../syntax/expression.js';
import { anyPart, partsOf } from '../syntax/parts.js';

/** Where an expression stands. */
export interface Place {
  /** What plain names are fields of: something of the event at hand, or the person. */
  readonly about: 'event' | 'person';
  /** Variables that hold something of the event at hand. */
  readonly variables: ReadonlySet<string>;
}

const ofNow = new Set(['currentMonth', 'currentYear', 'currentDayOfMonth']);

/** Whether a value depends on the event at hand alone: not on the person, other events, or the time it is asked at. */
export function isLocal(expression: Expression, place: Place): boolean {
  const local = (part: Expression) => isLocal(part, place);
  switch (expression.kind) {
    case 'literal':
    case 'element':
      return true;
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
      return local(expression.of) && isLocal(expression.condition, { ...place, about: 'event' });
    case 'call':
      if (ofNow.has(expression.name)) return false;
      return expression.parameters.every((parameter, index) => {
        const takes = functions.get(expression.name)?.parameters[index]?.takes;
        return takes === 'each' ? isLocalEach(parameter, place) : local(parameter);
      });
    case 'let':
      return local(expression.value) && isLocal(expression.body, withVariables(place, [expression.name]));
    case 'quantifier': {
      const inner = withVariables(
        place,
        expression.variables.map(({ name }) => name),
      );
      return expression.variables.every(({ from }) => isLocal(from, inner)) && isLocal(expression.where, inner);
    }
    case 'occurs':
      return expression.occurrence.form !== 'period' && partsOf(expression).every(local);
  }
}

/** The same of what a function asks of each element. */
export function isLocalEach(expression: Expression, place: Place): boolean {
  if (expression.kind !== 'lambda') return isLocal(expression, { ...place, about: 'event' });
  return isLocal(expression.body, withVariables(place, [expression.parameter]));
}

export function withVariables(place: Place, names: readonly string[]): Place {
  return { ...place, variables: new Set([...place.variables, ...names]) };
}

/** Whether a value depends on the time it is asked at and nothing else. */
export function isOfTimeAlone(expression: Expression): boolean {
  const kinds: readonly Expression['kind'][] = ['literal', 'moment', 'unary', 'binary', 'call'];
  return !anyPart(expression, (part) => !kinds.includes(part.kind));
}
