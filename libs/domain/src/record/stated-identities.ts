import type { JsonValue, Tenant } from '@tessera/contracts';
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
  const waiting: JsonValue[] = [parsed];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string' && values.has(value)) return true;
    if (Array.isArray(value)) waiting.push(...value);
    else if (isObject(value)) {
      if (statedXids(tenant, value['identityMap']).some((xid) => xids.has(xid))) return true;
      waiting.push(...Object.values(value));
    }
  }
  return false;
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
