import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import type { Selector } from './selector.js';

/**
 * The part of an entity that a selector selects: subtrees whole, their parents bare of anything else, in the entity's
 * order. A path that leads nowhere selects nothing, not even its parents.
 *
 * A selection applies to every element of an array. Where it selects something of one element, the other elements that
 * have fields stay too, bare, so that places agree; elements that are no objects or arrays go, having no such fields.
 *
 * @returns a new object without a prototype; the selected subtrees are the entity's own.
 */
export function select(selector: Selector, entity: JsonObject): JsonObject {
  return selectFrom(selector, entity) ?? emptyObject();
}

function selectFrom(selector: Selector, object: JsonObject): JsonObject | undefined {
  let selected: JsonObject | undefined;
  for (const name of Object.keys(object)) {
    const selection = selector.fields.get(name);
    if (selection === undefined) continue;
    const value = object[name] as JsonValue;
    const part = selection === 'whole' ? value : selectBelow(selection, value);
    if (part !== undefined) (selected ??= emptyObject())[name] = part;
  }
  return selected;
}

function selectBelow(selector: Selector, value: JsonValue): JsonValue | undefined {
  if (isJsonObject(value)) return selectFrom(selector, value);
  if (!Array.isArray(value)) return undefined;
  const elements = value.filter((element) => typeof element === 'object' && element !== null);
  const parts = elements.map((element) => selectBelow(selector, element));
  if (parts.every((part) => part === undefined)) return undefined;
  return parts.map((part, index) => part ?? (Array.isArray(elements[index]) ? [] : emptyObject()));
}
