import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { parseTimestamp } from '../record/timestamp.js';
import type { Column, ObjectColumn } from './column.js';

/** A value as a column holds it: objects without a prototype, maps as lists of entries, moments and days
 * as dates, whole numbers as `bigint`. */
export type ColumnValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | readonly (ColumnValue | undefined)[]
  | { readonly [field: string]: ColumnValue | undefined };

/** How much of a value a column can hold. */
export interface Fitted {
  /** Undefined: nothing of it. */
  readonly value: ColumnValue | undefined;
  /**
   * What the column cannot hold; undefined when it holds all. Of objects, the fields concerned, each as far as it is lost;
   * an array of which anything is lost stands here whole, as arrays are replaced whole. So the row is the columns' values
   * with these put over them.
   */
  readonly rest: JsonValue | undefined;
}

const NOTHING: Fitted = { value: undefined, rest: undefined };
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Divides a value into what a column of this type can hold and what it cannot. */
export function fitValue(column: Column, value: JsonValue): Fitted {
  if (value === null) return NOTHING;
  switch (column.kind) {
    case 'json':
      return { value: JSON.stringify(value), rest: undefined };
    case 'text':
      return whole(typeof value === 'string' && value.isWellFormed() ? value : undefined, value);
    case 'boolean':
      return whole(typeof value === 'boolean' ? value : undefined, value);
    case 'number':
      return whole(typeof value === 'number' ? value : undefined, value);
    case 'integer':
      return whole(Number.isSafeInteger(value) ? BigInt(value as number) : undefined, value);
    case 'date':
      return whole(typeof value === 'string' && DAY.test(value) ? dateOf(value) : undefined, value);
    case 'instant':
      return whole(typeof value === 'string' ? dateOf(value) : undefined, value);
    case 'list':
      return Array.isArray(value) ? fitList(column.item, value) : lost(value);
    case 'map':
      return isJsonObject(value) ? fitMap(column.value, value) : lost(value);
    case 'object':
      return isJsonObject(value) ? fitObject(column, value) : lost(value);
  }
}

/** Divides an object field by field. */
export function fitObject(
  { fields }: Pick<ObjectColumn, 'fields'>,
  object: JsonObject,
): {
  /**
   * Has every field of the column, so that no name is found in its prototype; all objects of a column have one shape, which
   * makes reading them fast.
   */
  readonly value: Record<string, ColumnValue | undefined>;
  readonly rest: JsonObject | undefined;
} {
  const value: Record<string, ColumnValue | undefined> = {};
  let rest: JsonObject | undefined;
  for (const [name, column] of fields) {
    value[name] = undefined;
    if (!Object.hasOwn(object, name)) continue;
    const fitted = fitValue(column, object[name] as JsonValue);
    value[name] = fitted.value;
    if (fitted.rest !== undefined) (rest ??= emptyObject())[name] = fitted.rest;
  }
  for (const name of Object.keys(object)) {
    if (!fields.has(name)) (rest ??= emptyObject())[name] = object[name] as JsonValue;
  }
  return { value, rest };
}

function fitList(item: Column, array: readonly JsonValue[]): Fitted {
  const fitted = array.map((one) => fitValue(item, one));
  const isLossy = fitted.some(({ rest }) => rest !== undefined);
  return { value: fitted.map(({ value }) => value), rest: isLossy ? (array as JsonValue[]) : undefined };
}

function fitMap(column: Column, object: JsonObject): Fitted {
  const entries: ColumnValue[] = [];
  let rest: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const given = object[key] as JsonValue;
    const fitted = key.isWellFormed() ? fitValue(column, given) : lost(given);
    if (fitted.value !== undefined) entries.push({ key, value: fitted.value });
    if (fitted.rest !== undefined) (rest ??= emptyObject())[key] = fitted.rest;
  }
  return { value: entries, rest };
}

function whole(value: ColumnValue | undefined, given: JsonValue): Fitted {
  return value === undefined ? lost(given) : { value, rest: undefined };
}

function lost(given: JsonValue): Fitted {
  return { value: undefined, rest: given };
}

function dateOf(text: string): Date | undefined {
  const time = parseTimestamp(text);
  return time === undefined ? undefined : new Date(time);
}
