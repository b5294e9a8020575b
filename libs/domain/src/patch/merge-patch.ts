import type { JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';

/**
 * Applies a JSON Merge Patch (RFC 7396): objects merge key by key, `null` removes, anything else replaces. Nothing given is
 * changed; new objects have no prototype.
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged = emptyObject();
  if (isJsonObject(target)) for (const key of Object.keys(target)) merged[key] = target[key] as JsonValue;
  for (const key of Object.keys(patch)) {
    const value = patch[key] as JsonValue;
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
