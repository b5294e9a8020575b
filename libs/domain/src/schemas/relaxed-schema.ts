import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { definitionName, type LoweredSchema } from './lower-schema.js';

/** What says that something must be there, or be otherwise: not to be asked of a record that states some fields only. */
const dropped = new Set(['required', 'minProperties', 'dependencies', 'not', 'if', 'then', 'else']);

/**
 * A schema for partial updates: what a given field may be stays, that a field must be given goes. Arrays are replaced whole,
 * so their items are held to the schema as it is. Whatever the schema takes, this one takes with any fields left out.
 */
export function relaxedSchema({ definitions }: LoweredSchema): LoweredSchema {
  const both = emptyObject();
  for (const name of Object.keys(definitions)) {
    both[strict(name)] = renamed(definitions[name] as JsonValue);
    both[name] = relaxed(definitions[name] as JsonValue);
  }
  return { definitions: both };
}

function strict(name: string): string {
  return `whole-${name}`;
}

function relaxed(node: JsonValue): JsonValue {
  if (!isJsonObject(node)) return node;
  const copy = emptyObject();
  for (const key of Object.keys(node)) {
    const value = node[key] as JsonValue;
    if (dropped.has(key)) continue;
    if (key === 'allOf' || key === 'anyOf') copy[key] = (value as JsonValue[]).map(relaxed);
    // Two alternatives may both hold when fields that tell them apart are left out.
    else if (key === 'oneOf') copy['allOf'] = [...((copy['allOf'] ?? []) as JsonValue[]), oneOrMore(value)];
    else if (key === 'properties' || key === 'patternProperties') copy[key] = mapped(value as JsonObject, relaxed);
    else if (key === 'additionalProperties') copy[key] = relaxed(value);
    else copy[key] = renamedValue(key, value);
  }
  return isOpenObject(node) ? withoutObjectValues(copy) : copy;
}

function oneOrMore(alternatives: JsonValue): JsonObject {
  return Object.assign(emptyObject(), { anyOf: (alternatives as JsonValue[]).map(relaxed) });
}

/** Objects given in full by `enum` or `const` cannot be told from a part of one. */
function isOpenObject({ enum: values, const: value }: JsonObject): boolean {
  return isContainer(value) || (Array.isArray(values) && values.some(isContainer));
}

function withoutObjectValues(node: JsonObject): JsonObject {
  const copy = emptyObject();
  for (const key of Object.keys(node)) if (key !== 'enum' && key !== 'const') copy[key] = node[key] as JsonValue;
  return copy;
}

function isContainer(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null;
}

/** A subschema as it is, with its references leading to definitions as they are. */
function renamed(node: JsonValue): JsonValue {
  if (!isJsonObject(node)) return node;
  const copy = emptyObject();
  for (const key of Object.keys(node)) {
    const value = node[key] as JsonValue;
    copy[key] = key === '$ref' ? `#/definitions/${strict(definitionName(value as string))}` : renamedValue(key, value);
  }
  return copy;
}

function renamedValue(key: string, value: JsonValue): JsonValue {
  if (key === 'enum' || key === 'const' || key === 'required' || key === '$ref') return value;
  if (key === 'properties' || key === 'patternProperties' || key === 'dependencies') {
    return mapped(value as JsonObject, renamed);
  }
  return Array.isArray(value) ? value.map(renamed) : renamed(value);
}

function mapped(map: JsonObject, change: (node: JsonValue) => JsonValue): JsonObject {
  const copy = emptyObject();
  for (const name of Object.keys(map)) copy[name] = change(map[name] as JsonValue);
  return copy;
}
