import type { JsonObject, JsonValue } from '@tessera/contracts';

/** Every scalar of an object of objects, by dotted path, in alphabetical order. Arrays count as scalars. */
export function leavesOf(object: JsonObject): Map<string, JsonValue> {
  const leaves = new Map<string, JsonValue>();
  const walk = (value: JsonValue, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) leaves.set(path, value);
    else
      for (const key of Object.keys(value).sort()) walk(value[key] as JsonValue, path === '' ? key : `${path}.${key}`);
  };
  walk(object, '');
  return leaves;
}
