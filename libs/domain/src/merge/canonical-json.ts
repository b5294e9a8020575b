import type { JsonObject, JsonValue } from '@tessera/contracts';

/** Whether a value is an object with fields: neither `null` nor an array. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * An object for names of a customer's making: it has no prototype, so `__proto__` is a field like any other and
 * `constructor` is absent unless it is set.
 */
export function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** Orders texts by UTF-16 code units: the same on every machine, unlike an order by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A copy with the keys of every object sorted, those inside arrays included. Objects of the copy have no prototype.
 * JavaScript lists keys that look like array indices first, by number; the order is a function of the keys all the same.
 */
export function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const sorted = emptyObject();
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key] as JsonValue);
  return sorted;
}

/** JSON that is byte-identical for equal values, whatever order their keys were set in. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(sortKeys(value));
}
