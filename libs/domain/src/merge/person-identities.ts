import type { Identity, JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from './canonical-json.js';

/**
 * A person's identities as a merged profile shows them (spec 05-merge-policies, "Exceptions"): in the order given, with
 * `primary` where the merged `identityMap` says so.
 *
 * @param scope the identities in the policy's scope, in the order of their XIDs.
 */
export function personIdentities(scope: readonly Identity[], entity: JsonObject): JsonObject[] {
  return scope.map(({ namespace, id }) => ({
    id,
    namespace: { code: namespace },
    ...(isPrimary(entity, namespace, id) && { primary: true }),
  }));
}

function isPrimary(entity: JsonObject, namespace: string, id: string): boolean {
  const map = entity['identityMap'];
  const items: JsonValue | undefined = isJsonObject(map) ? map[namespace] : undefined;
  if (!Array.isArray(items)) return false;
  return items.some((item) => isJsonObject(item) && item['id'] === id && item['primary'] === true);
}
