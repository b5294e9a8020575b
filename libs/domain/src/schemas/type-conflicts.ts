import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';
import { pointer } from '../record/json-pointer.js';

/** A place that two schemas give different types. */
export interface TypeConflict {
  /** JSON Pointer into the resolved schema. */
  readonly path: string;
  /** As to be read: `string`, `integer or string`. */
  readonly type: string;
  readonly otherType: string;
}

/**
 * Where two resolved schemas (`resolvedSchema`) say of one field that it has different types, so that no union can show what
 * both say (spec 01-concepts). `null` is no type of its own, for it means a field that is absent. A place that one of them
 * gives no type is no conflict.
 */
export function typeConflicts(schema: JsonValue | undefined, other: JsonValue | undefined, path = ''): TypeConflict[] {
  if (!isJsonObject(schema) || !isJsonObject(other)) return [];
  const [type, otherType] = [typeOf(schema), typeOf(other)];
  if (type !== '' && otherType !== '' && type !== otherType) return [{ path, type, otherType }];
  const { properties, items, additionalProperties } = schema;
  const conflicts: TypeConflict[] = [];
  if (isJsonObject(properties) && isJsonObject(other['properties'])) {
    const others = other['properties'];
    for (const name of Object.keys(properties).filter((known) => Object.hasOwn(others, known))) {
      conflicts.push(...typeConflicts(properties[name], others[name], pointer(`${path}/properties`, name)));
    }
  }
  return [
    ...conflicts,
    ...typeConflicts(items, other['items'], `${path}/items`),
    ...typeConflicts(additionalProperties, other['additionalProperties'], `${path}/additionalProperties`),
  ];
}

/** Empty where any type will do. */
function typeOf({ type, properties, items }: JsonObject): string {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
  const named = new Set(types.filter((one) => one !== 'null'));
  if (named.size > 0) return [...named].sort().join(' or ');
  if (properties !== undefined) return 'object';
  return items === undefined ? '' : 'array';
}
