import type { JsonObject } from '@tessera/contracts';
import type { Selector } from '../selector/selector.js';
import { emptyObject, isJsonObject } from './canonical-json.js';

/** Where computed attributes stand in a profile, below its field of the tenant's name (spec 11-computed-attributes). */
export const COMPUTED_ATTRIBUTES = 'ComputedAttributes';

/** The field of a tenant's name. */
export function computedRoot(tenantName: string): string {
  return `_${tenantName}`;
}

/** Whether a selector, or the absence of one, selects any computed attribute. @param root the tenant's field. */
export function selectsComputed(selector: Selector | undefined, root: string): boolean {
  if (selector === undefined) return true;
  const below = selector.fields.get(root);
  return below === 'whole' || below?.fields.has(COMPUTED_ATTRIBUTES) === true;
}

/** An entity with computed attributes beside whatever else is in the tenant's field. */
export function withComputed(entity: JsonObject, root: string, attributes: JsonObject): JsonObject {
  return Object.assign(emptyObject(), entity, { [root]: besides(entity[root], attributes) });
}

/** Takes what a source says of computed attributes out of its record: they follow from events alone. Changes the record. */
export function removeComputed(record: JsonObject, root: string): void {
  const below = record[root];
  if (!isJsonObject(below) || !(COMPUTED_ATTRIBUTES in below)) return;
  delete below[COMPUTED_ATTRIBUTES];
  if (Object.keys(below).length === 0) delete record[root];
}

/** A resolved schema of profiles that names computed attributes as well, each with the schema of its values. */
export function schemaWithComputed(
  schema: JsonObject,
  root: string,
  attributes: ReadonlyMap<string, JsonObject>,
): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const known = isJsonObject(properties[root]) ? properties[root] : {};
  const computed = { type: 'object', properties: Object.assign(emptyObject(), Object.fromEntries(attributes)) };
  const below = { ...known, type: 'object', properties: besides(known['properties'], computed) };
  return { ...schema, properties: Object.assign(emptyObject(), properties, { [root]: below }) };
}

function besides(known: JsonObject[string] | undefined, computed: JsonObject): JsonObject {
  return Object.assign(emptyObject(), isJsonObject(known) ? known : {}, { [COMPUTED_ATTRIBUTES]: computed });
}
