import type { JsonObject, JsonValue, Tenant } from '@tessera/contracts';
import { xidOf } from '../identity/xid.js';

/**
 * The XID that a record's message is keyed by, as far as the record says without being read in full. Records of one primary
 * identity then go to one partition, so that one worker folds them. Which record is right never depends on it, so a record
 * whose identities are not in order, or leave the choice to the worker, may go anywhere.
 */
export function partitionKey(tenant: Tenant, record: JsonObject): string | undefined {
  const map = record['identityMap'];
  if (!isObject(map)) return undefined;
  let first: string | undefined;
  for (const code of Object.keys(map)) {
    const items = map[code];
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      if (!isObject(item) || typeof item['id'] !== 'string') continue;
      if (item['primary'] === true) return xidOf(tenant, code, item['id']);
      first ??= xidOf(tenant, code, item['id']);
    }
  }
  return first;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
