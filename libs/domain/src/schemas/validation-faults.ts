import type { ErrorObject } from 'ajv';
import type { Fault } from '@tessera/contracts';
import { pointer } from '../record/json-pointer.js';

/** More faults than this help nobody. */
const MOST_FAULTS = 100;

/** Ajv's findings as faults. What they say comes from the schema; values of the record are never repeated. */
export function validationFaults(errors: readonly ErrorObject[], root: string): Fault[] {
  const faults: Fault[] = [];
  for (const error of errors) {
    // `if` only repeats that its `then` or `else` failed.
    if (error.keyword === 'if') continue;
    faults.push({ path: `${root}${pathOf(error)}`, message: messageOf(error) });
    if (faults.length === MOST_FAULTS) break;
  }
  return faults;
}

function pathOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, unknown>>;
  const below = missingProperty ?? additionalProperty;
  return typeof below === 'string' ? pointer(instancePath, below) : instancePath;
}

function messageOf({ keyword, params, message = 'is not valid', data }: ErrorObject): string {
  const { allowedValues, allowedValue, type } = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of the schema';
    case 'enum':
      return `must be one of ${listed(allowedValues)}`;
    case 'const':
      return `must be ${listed([allowedValue])}`;
    case 'type':
      return `must be of type ${String(type)}${data === undefined ? '' : `, not ${typeOf(data)}`}`;
    case 'false schema':
      return 'is not allowed here';
    case 'uniqueItems':
      return 'must not repeat an item';
    default:
      return message;
  }
}

/** The type of a value as JSON Schema names it. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function listed(values: unknown): string {
  const text = Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : '';
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
