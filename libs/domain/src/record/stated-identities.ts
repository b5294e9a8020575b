import type { JsonObject, JsonValue, Tenant } from '@tessera/contracts';
import { UNTYPED } from '../exports/export-columns.js';
import { xidOf } from '../identity/xid.js';

/** XIDs of what looks like an identity in an `identityMap` that nobody has checked. */
export function statedXids(tenant: Tenant, identityMap: JsonValue | undefined): string[] {
  if (!isObject(identityMap)) return [];
  return Object.entries(identityMap).flatMap(([code, items]) =>
    (Array.isArray(items) ? items : []).flatMap((item) => {
      const id = isObject(item) ? item['id'] : undefined;
      return typeof id === 'string' && id !== '' ? [xidOf(tenant, code.toLowerCase(), id)] : [];
    }),
  );
}

/**
 * Whether a record that could not be applied is about somebody: it has one of the XIDs in an `identityMap`, or one of the
 * values as a whole text, wherever in it. Bytes that are no JSON are searched for the values in quotes.
 */
export function speaksOf(
  tenant: Tenant,
  record: Buffer,
  xids: ReadonlySet<string>,
  values: ReadonlySet<string>,
): boolean {
  const text = record.toString('utf8');
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text) as JsonValue;
  } catch {
    return [...values].some((value) => text.includes(JSON.stringify(value)));
  }
  return statesAny(tenant, parsed, xids, values);
}

/**
 * Whether a row of an export is about somebody, as {@link speaksOf} says of records. What files keep as JSON text for want
 * of a column is looked into as well.
 */
export function rowSpeaksOf(
  tenant: Tenant,
  row: JsonObject,
  xids: ReadonlySet<string>,
  values: ReadonlySet<string>,
): boolean {
  return statesAny(tenant, row, xids, values);
}

function statesAny(tenant: Tenant, stated: JsonValue, xids: ReadonlySet<string>, values: ReadonlySet<string>): boolean {
  const waiting: JsonValue[] = [stated];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string' && values.has(value)) return true;
    if (Array.isArray(value)) waiting.push(...value);
    else if (isObject(value)) {
      if (statedXids(tenant, value['identityMap']).some((xid) => xids.has(xid))) return true;
      waiting.push(...Object.values(value), ...untypedIn(value));
    }
  }
  return false;
}

function untypedIn({ [UNTYPED]: text }: Readonly<Record<string, JsonValue>>): JsonValue[] {
  if (typeof text !== 'string') return [];
  try {
    return [JSON.parse(text) as JsonValue];
  } catch {
    return [];
  }
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
