import type { Fault } from '@tessera/contracts';
import type { ErrorObject } from 'ajv';
import { withChoicesMade } from './choices.js';
import { pathOf } from './error-path.js';
import { CHECK_KEYWORD } from './further-check.js';

/** Faults told at most; a body that is wrong in a thousand places is understood by its first hundred. */
const MOST_FAULTS = 100;

/** Ajv's findings as faults: JSON Pointer (RFC 6901) to the offending or missing place, and a plain sentence. */
export function faultsOf(errors: readonly ErrorObject[]): readonly Fault[] {
  // `if` only repeats that its `then` or `else` failed.
  return withoutRepetition(withChoicesMade(errors).filter((error) => error.keyword !== 'if'))
    .slice(0, MOST_FAULTS)
    .map((error) => ({ path: pathOf(error), message: messageOf(error) }));
}

/** What further checks say of a place is not worth telling beside what the schema says of it. */
function withoutRepetition(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const isFurther = ({ keyword }: ErrorObject) => keyword === CHECK_KEYWORD;
  const refused = new Set(errors.filter((error) => !isFurther(error)).map(pathOf));
  return errors.filter((error) => !isFurther(error) || !refused.has(pathOf(error)));
}

function messageOf({ keyword, params, instancePath, message = 'is not valid' }: ErrorObject): string {
  const { allowedValues, type, limit, missingOneOf, passingSchemas } = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a known field';
    case 'enum':
      return `must be one of ${Array.isArray(allowedValues) ? allowedValues.map((value) => JSON.stringify(value)).join(', ') : ''}`;
    case 'type':
      return instancePath === '' && type === 'object' ? 'a JSON object is required' : `must be of type ${String(type)}`;
    case 'anyOf':
    case 'oneOf':
      if (Array.isArray(missingOneOf)) return `one of ${missingOneOf.join(', ')} is required`;
      return `fits ${passingSchemas ? 'more than one' : 'none'} of the forms that are allowed here`;
    case 'false schema':
      return 'is not allowed here';
    case 'minLength':
      return limit === 1 ? 'must not be empty' : message;
    default:
      return message;
  }
}
