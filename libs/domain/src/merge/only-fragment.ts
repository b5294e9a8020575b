import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject, sortKeys, sortTexts } from './canonical-json.js';
import { objectOf } from './field-tree.js';
import { uniteIdentityMaps } from './identity-map.js';
import type { Candidate } from './rank.js';
import { uniteSegmentMemberships } from './segment-membership.js';

/**
 * What merging gives of a person whom one fragment alone speaks of: most people, so long reads save half of the time. The
 * same as of many: no `null` and no object without a leaf, keys sorted, and both maps as they are united.
 */
export function entityOfOne(candidate: Candidate): JsonObject {
  const { body } = candidate;
  const entity = emptyObject();
  for (const key of sortTexts(Object.keys(body))) {
    const value = topLevel(candidate, key, body[key] as JsonValue);
    if (value !== undefined) entity[key] = value;
  }
  return entity;
}

function topLevel(candidate: Candidate, key: string, value: JsonValue): JsonValue | undefined {
  if (key !== 'identityMap' && key !== 'segmentMembership') return settled(value);
  const united = key === 'identityMap' ? uniteIdentityMaps([candidate]) : uniteSegmentMemberships([candidate]);
  return united && objectOf(united);
}

/** A value with sorted keys, without what is no value. */
function settled(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return sortKeys(value);
  if (!isJsonObject(value)) return value ?? undefined;
  let object: JsonObject | undefined;
  for (const key of sortTexts(Object.keys(value))) {
    const below = settled(value[key] as JsonValue);
    if (below !== undefined) (object ??= emptyObject())[key] = below;
  }
  return object;
}
