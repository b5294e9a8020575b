import type { Fault } from '@tessera/contracts';
import type { ErrorObject } from 'ajv';

/** Faults told at most; a body that is wrong in a thousand places is understood by its first hundred. */
const MOST_FAULTS = 100;

/** Ajv's findings as faults: JSON Pointer (RFC 6901) to the offending or missing place, and a plain sentence. */
export function faultsOf(errors: readonly ErrorObject[]): readonly Fault[] {
  // `if` only repeats that its `then` or `else` failed.
  return errors
    .filter((error) => error.keyword !== 'if')
    .slice(0, MOST_FAULTS)
    .map((error) => ({ path: pathOf(error), message: messageOf(error) }));
}

function pathOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, unknown>>;
  const below = missingProperty ?? additionalProperty;
  return typeof below === 'string' ? `${instancePath}/${escapePointer(below)}` : instancePath;
}

/** One key as a part of a JSON Pointer (RFC 6901 §3). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function messageOf({ keyword, params, instancePath, message = 'is not valid' }: ErrorObject): string {
  const { allowedValues, type, limit } = params as Readonly<Record<string, unknown>>;
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
    case 'false schema':
      return 'is not allowed here';
    case 'minLength':
      return limit === 1 ? 'must not be empty' : message;
    default:
      return message;
  }
}
