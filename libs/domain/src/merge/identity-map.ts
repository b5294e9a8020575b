import type { JsonObject, JsonValue } from '@tessera/contracts';
import { compareText, isJsonObject } from './canonical-json.js';
import { fold, objectOf, type FieldTree } from './field-tree.js';
import type { Layer } from './rank.js';

/**
 * The identity maps of all candidates as one (spec 05-merge-policies, "Exceptions"): namespace codes lower-cased, each
 * identity once, `primary` where any candidate says so, its other fields merged like fields. Within a namespace primary
 * identities come first, then by value. Identities without a value are left out, as is a map that is no object of arrays.
 *
 * @param candidates best first.
 */
export function uniteIdentityMaps(candidates: readonly Layer[]): FieldTree | undefined {
  const namespaces = new Map<string, Map<string, UnitedIdentity>>();
  for (const candidate of candidates) {
    forEachIdentity(candidate, (code, id, item) => {
      let identities = namespaces.get(code);
      if (identities === undefined) namespaces.set(code, (identities = new Map<string, UnitedIdentity>()));
      let identity = identities.get(id);
      if (identity === undefined) identities.set(id, (identity = { id, primary: false, fields: new Map() }));
      fold(identity.fields, item);
      identity.primary ||= item['primary'] === true;
    });
  }
  if (namespaces.size === 0) return undefined;
  const united: FieldTree = new Map();
  for (const [code, identities] of namespaces) united.set(code, listed([...identities.values()]));
  return united;
}

/** Calls `visit` with the lower-case namespace code, the value and the whole item of every identity of the map. */
export function forEachIdentity(candidate: Layer, visit: (code: string, id: string, item: JsonObject) => void): void {
  const map = candidate.body['identityMap'];
  if (!isJsonObject(map)) return;
  for (const key of Object.keys(map)) {
    const items = map[key];
    if (!Array.isArray(items)) continue;
    const code = key.toLowerCase();
    for (const item of items) {
      if (!isJsonObject(item)) continue;
      const id = item['id'];
      if (typeof id === 'string' && id !== '') visit(code, id, item);
    }
  }
}

interface UnitedIdentity {
  readonly id: string;
  primary: boolean;
  readonly fields: FieldTree;
}

function listed(identities: UnitedIdentity[]): JsonValue[] {
  identities.sort((a, b) => Number(b.primary) - Number(a.primary) || compareText(a.id, b.id));
  return identities.map(({ primary, fields }) => {
    if (primary) fields.set('primary', true);
    return objectOf(fields);
  });
}
