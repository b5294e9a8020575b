import type { Expression, ExpressionOf } from '../syntax/expression.js';
import { partsOf } from '../syntax/parts.js';
import { isLocal, isLocalEach, isOfTimeAlone, ofEach, person, withVariables, type Place } from './locality.js';

/** One step from a person's events to what is aggregated. */
export type Stage =
  | { readonly kind: 'filter'; readonly condition: Expression; readonly variable: string | undefined }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'map'; readonly each: Expression };

/** What is made of each event without knowing another one, and of which events. */
export interface Stream {
  readonly stages: readonly Stage[];
  /** Conditions on when events are, which depend on the time of asking. All of them hold. */
  readonly occurrences: readonly ExpressionOf<'occurs'>['occurrence'][];
}

/** @returns undefined when the expression is no stream of events, or needs more than one event at a time. */
export function streamOf(expression: Expression): Stream | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.name === 'xEvent' ? { stages: [], occurrences: [] } : undefined;
    case 'field':
      return extended(streamOf(expression.of), { kind: 'field', name: expression.name });
    case 'filter':
      return filtered(streamOf(expression.of), ...ofEach(expression.condition, person));
    case 'quantifier': {
      const [variable, more] = expression.variables;
      if (expression.quantifier !== 'select' || !variable || more) return undefined;
      return filtered(streamOf(variable.from), expression.where, withVariables(person, [variable.name]));
    }
    case 'call': {
      const [of, each] = expression.parameters;
      if (!of || !each) return undefined;
      if (expression.name === 'filter') return filtered(streamOf(of), ...ofEach(each, person));
      if (expression.name !== 'map' || !isLocalEach(each, person)) return undefined;
      return extended(streamOf(of), { kind: 'map', each });
    }
    case 'literal':
    case 'array':
    case 'object':
    case 'this':
    case 'element':
    case 'unary':
    case 'binary':
    case 'lambda':
    case 'let':
    case 'moment':
    case 'occurs':
      return undefined;
  }
}

/**
 * Adds a condition, each of its parts that are joined by `and` on its own.
 *
 * @param place what the condition can say about the event at hand, which has one name at most.
 */
export function filtered(stream: Stream | undefined, condition: Expression, place: Place): Stream | undefined {
  if (!stream) return undefined;
  if (condition.kind === 'binary' && condition.operator === 'and') {
    return filtered(filtered(stream, condition.left, place), condition.right, place);
  }
  const [variable] = place.variables;
  if (isLocal(condition, place)) return extended(stream, { kind: 'filter', condition, variable });
  const stillEvents = stream.stages.every(({ kind }) => kind === 'filter');
  if (condition.kind !== 'occurs' || !stillEvents || !isTimestamp(condition.value, place)) return undefined;
  const { occurrence } = condition;
  const [, ...parts] = partsOf(condition);
  // All but a stretch of time is no stretch of time.
  const isStretch = occurrence.form !== 'distance' || occurrence.comparison !== '!=';
  if (!isStretch || !parts.every(isOfTimeAlone)) return undefined;
  return { ...stream, occurrences: [...stream.occurrences, occurrence] };
}

function extended(stream: Stream | undefined, stage: Stage): Stream | undefined {
  return stream && { ...stream, stages: [...stream.stages, stage] };
}

/** `timestamp`, `x.timestamp`, `this.timestamp` or `$1.timestamp` of the event at hand. */
function isTimestamp(expression: Expression, place: Place): boolean {
  if (expression.kind === 'name') return place.about === 'event' && expression.name === 'timestamp';
  if (expression.kind !== 'field' || expression.name !== 'timestamp') return false;
  const { of } = expression;
  if (of.kind === 'element') return place.element;
  return of.kind === 'this' ? place.about === 'event' : of.kind === 'name' && place.variables.has(of.name);
}
