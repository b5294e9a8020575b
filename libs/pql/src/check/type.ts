import type { JsonObject } from '@tessera/contracts';

/** What is known about a value before there is any. `any` where only the data can tell. */
export type Type =
  | { readonly kind: 'any' | 'null' | 'boolean' | 'integer' | 'number' | 'text' | 'time' }
  | { readonly kind: 'array' | 'map'; readonly item: Type }
  /** `open`: there may be further fields. */
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Type>; readonly open: boolean };

export const types = {
  any: { kind: 'any' },
  null: { kind: 'null' },
  boolean: { kind: 'boolean' },
  integer: { kind: 'integer' },
  number: { kind: 'number' },
  text: { kind: 'text' },
  time: { kind: 'time' },
} as const satisfies Record<string, Type>;

export function arrayOf(item: Type): Type {
  return { kind: 'array', item };
}

export function mapOf(item: Type): Type {
  return { kind: 'map', item };
}

export function objectOf(fields: Iterable<readonly [string, Type]>, open = false): Type {
  return { kind: 'object', fields: new Map(fields), open };
}

/** A person's attributes. */
export const profileType = objectOf([], true);
/** One event; its fields are the customer's, but for its time. */
export const eventType = objectOf([['timestamp', types.time]], true);

/** The elements of an array; anything else is its only element. */
export function itemOf(type: Type): Type {
  if (type.kind === 'array') return type.item;
  return type.kind === 'null' ? types.any : type;
}

/** Whether a value of one type may stand where another is asked for. Texts may be dates. */
export function fits(actual: Type, wanted: Type): boolean {
  if (actual.kind === 'any' || wanted.kind === 'any' || actual.kind === 'null') return true;
  if (wanted.kind === 'number') return actual.kind === 'integer' || actual.kind === 'number';
  if (wanted.kind === 'integer') return actual.kind === 'integer' || actual.kind === 'number';
  if (wanted.kind === 'time') return actual.kind === 'time' || actual.kind === 'text';
  if (wanted.kind === 'array') return actual.kind !== 'array' || fits(actual.item, wanted.item);
  if (wanted.kind === 'map') return actual.kind === 'map' || actual.kind === 'object';
  return actual.kind === wanted.kind;
}

/** Whether two values can be compared: neither can only be different. */
export function comparable(left: Type, right: Type): boolean {
  return fits(left, right) || fits(right, left);
}

/** The type of a value that is either of two. */
export function either(left: Type, right: Type): Type {
  if (left.kind === 'null') return right;
  if (right.kind === 'null') return left;
  if (left.kind === right.kind && !('item' in left) && left.kind !== 'object') return left;
  const numbers = ['integer', 'number'];
  if (numbers.includes(left.kind) && numbers.includes(right.kind)) return types.number;
  if (left.kind === 'array' && right.kind === 'array') return arrayOf(either(left.item, right.item));
  return types.any;
}

/** For people. */
export function describeType(type: Type): string {
  const descriptions = {
    any: 'a value',
    null: 'null',
    boolean: 'true or false',
    integer: 'an integer',
    number: 'a number',
    text: 'a text',
    time: 'a time',
    array: 'an array',
    map: 'a map',
    object: 'an object',
  };
  return type.kind === 'array' && type.item.kind !== 'any'
    ? `an array of which each element is ${describeType(type.item)}`
    : descriptions[type.kind];
}

/** The type as XDM names it (`meta:xdmType`); what only the data can tell counts as `otherwise`. */
export function xdmType(type: Type, otherwise = 'string'): string {
  switch (type.kind) {
    case 'any':
    case 'null':
      return otherwise;
    case 'number':
      return 'double';
    case 'text':
      return 'string';
    case 'time':
      return 'date-time';
    case 'boolean':
    case 'integer':
    case 'array':
    case 'map':
    case 'object':
      return type.kind;
  }
}

/** The type as JSON Schema; what only the data can tell is a schema that anything fits. */
export function jsonSchema(type: Type): JsonObject {
  switch (type.kind) {
    case 'any':
    case 'null':
      return {};
    case 'text':
      return { type: 'string' };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'boolean':
    case 'integer':
    case 'number':
      return { type: type.kind };
    case 'array':
      return { type: 'array', items: jsonSchema(type.item) };
    case 'map':
      return { type: 'object', additionalProperties: jsonSchema(type.item) };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries([...type.fields].map(([name, field]) => [name, jsonSchema(field)])),
      };
  }
}
