import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { definitionName, type LoweredSchema } from './lower-schema.js';
import { inPlaceKeywords, inPlaceLists } from './schema-keywords.js';

/** Our own keyword of compiled schemas: units of work that checking one value by a subschema takes. */
export const WORK_KEYWORD = 'x-work';

/** Subschemas one value may be checked by. */
const MOST_IN_PLACE = 2_000;

/**
 * Whether one value would be checked by no more than a bounded number of subschemas: alternatives that fan out, or
 * references that come back to where they started without a field in between, would make that number enormous.
 *
 * @returns what is wrong, or undefined.
 */
export function intricacy({ definitions }: LoweredSchema): string | undefined {
  const weights = new Map<string, number>();
  const weightOf = (name: string): number => {
    const known = weights.get(name);
    if (known !== undefined) return known;
    weights.set(name, Infinity);
    const weight = weigh(definitions[name] as JsonValue, weightOf);
    weights.set(name, weight);
    return weight;
  };
  for (const name of Object.keys(definitions)) {
    const weight = weightOf(name);
    if (weight === Infinity) return 'references lead back to where they started, with no field in between';
    if (weight > MOST_IN_PLACE) return `one value would be checked by more than ${MOST_IN_PLACE} schemas at once`;
  }
  return undefined;
}

/** Definitions in which every subschema that may be applied many times says what that costs, in {@link WORK_KEYWORD}. */
export function metered(definitions: JsonObject): JsonObject {
  const copy = emptyObject();
  for (const name of Object.keys(definitions)) copy[name] = withWork(definitions[name] as JsonValue);
  return copy;
}

function withWork(node: JsonValue): JsonValue {
  if (!isJsonObject(node)) return node;
  const copy = meterBelow(node);
  copy[WORK_KEYWORD] = Math.min(ownWeight(node), Number.MAX_SAFE_INTEGER);
  return copy;
}

/** Whatever holds subschemas of values inside charges for each of those values. */
function meterBelow(node: JsonObject): JsonObject {
  const copy = emptyObject();
  for (const key of Object.keys(node)) {
    const value = node[key] as JsonValue;
    if (key === 'enum' || key === 'const' || key === 'required') copy[key] = value;
    else if (isOne(inPlaceKeywords, key)) copy[key] = isJsonObject(value) ? meterBelow(value) : value;
    else if (isOne(inPlaceLists, key) && Array.isArray(value)) copy[key] = value.map(inPlaceCopy);
    else if (key === 'properties' || key === 'patternProperties' || key === 'dependencies') {
      const map = (copy[key] = emptyObject());
      const source = value as JsonObject;
      for (const name of Object.keys(source)) {
        const below = source[name] as JsonValue;
        map[name] = key === 'patternProperties' ? withWork(below) : inPlaceCopy(below);
      }
    } else if (key === 'items' && Array.isArray(value)) copy[key] = value.map(withWork);
    else copy[key] = isJsonObject(value) ? withWork(value) : value;
  }
  return copy;
}

function inPlaceCopy(node: JsonValue): JsonValue {
  return isJsonObject(node) ? meterBelow(node) : node;
}

/** Subschemas and fields looked at for one value, those behind references left out: they charge for themselves. */
function ownWeight(node: JsonObject): number {
  const { properties } = node;
  const fields = isJsonObject(properties) ? Object.keys(properties).length : 0;
  return fields + weigh(node, () => 0);
}

function weigh(node: JsonValue, weightOf: (definition: string) => number): number {
  if (!isJsonObject(node)) return 0;
  let weight = 1;
  for (const key of inPlaceKeywords) if (node[key] !== undefined) weight += weigh(node[key], weightOf);
  for (const key of inPlaceLists) {
    const list = node[key];
    if (Array.isArray(list)) for (const part of list) weight += weigh(part, weightOf);
  }
  const { dependencies, $ref } = node;
  if (isJsonObject(dependencies)) for (const part of Object.values(dependencies)) weight += weigh(part, weightOf);
  if (typeof $ref === 'string') weight += weightOf(definitionName($ref));
  return weight;
}

function isOne(keywords: readonly string[], key: string): boolean {
  return keywords.includes(key);
}
