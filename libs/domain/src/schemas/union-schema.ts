import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { builtInDocument } from './built-in-documents.js';
import { schemaClassOf, type SchemaClass } from './schema-class.js';
import { resolveReference, type SchemaLookup } from './schema-references.js';

/** Subschemas of a resolved schema; what is beyond is shown as an object without fields. */
const MOST_NODES = 20_000;

/** Keywords that a resolved schema has no use for: what they lead to is in its place. */
const resolvedKeywords = new Set(['$ref', 'allOf', 'definitions', '$defs']);

/**
 * A schema with `allOf` and references replaced by the fields they stand for. Where two parts speak of one field, its
 * fields are united and the first part says the rest. A field that contains itself ends as an object.
 */
export function resolvedSchema(document: JsonObject, lookup: SchemaLookup): JsonObject {
  return new Resolver(lookup).resolve(document, document, []);
}

/** `$id` of the union of a class, whose id or name is given. @throws RangeError for what is no class. */
export function unionSchemaId(spelling: string): string {
  const schemaClass = schemaClassOf(spelling);
  if (schemaClass === undefined) throw new RangeError('not a class');
  return `${schemaClass.id}__union`;
}

/** What every union of a class has, whatever schemas are enabled: the fields of the class, and `identityMap`. */
export function builtInUnionParts(classId: string): readonly JsonObject[] {
  const parts = [builtInDocument(classId), builtInDocument('https://ns.adobe.com/xdm/context/identitymap')];
  return parts.filter((part) => part !== undefined);
}

/**
 * The union of a class (spec 01-concepts): the fields of the class and of all the given schemas, read-only.
 *
 * @param schemas those of the class that are enabled for profiles, oldest first.
 */
export function unionSchema(
  schemaClass: SchemaClass,
  schemas: readonly JsonObject[],
  lookup: SchemaLookup,
): JsonObject {
  const resolver = new Resolver(lookup);
  const united = emptyObject();
  for (const document of [...builtInUnionParts(schemaClass.id), ...schemas]) {
    const { properties = emptyObject(), required: _required } = resolver.resolve(document, document, []);
    merge(united, Object.assign(emptyObject(), { properties }));
  }
  return Object.assign(emptyObject(), {
    $id: unionSchemaId(schemaClass.id),
    'meta:altId': `${schemaClass.name}__union`,
    'meta:resourceType': 'unions',
    version: '1.0',
    title: `${schemaClass.title} union`,
    type: 'object',
    'meta:class': schemaClass.id,
    'meta:extends': [schemaClass.id, ...schemas.map(({ $id }) => $id ?? '')],
    properties: united['properties'] ?? emptyObject(),
  });
}

class Resolver {
  private nodes = 0;

  constructor(private readonly lookup: SchemaLookup) {}

  /** @param trail what is being resolved, from the outermost on. */
  resolve(node: JsonObject, document: JsonObject, trail: readonly JsonObject[]): JsonObject {
    const resolved = emptyObject();
    this.nodes += 1;
    if (trail.includes(node) || this.nodes > MOST_NODES) {
      resolved['type'] = 'object';
      if (node['title'] !== undefined) resolved['title'] = node['title'];
      return resolved;
    }
    const within = [...trail, node];
    const below = (value: JsonValue): JsonValue =>
      isJsonObject(value) ? this.resolve(value, document, within) : value;
    for (const key of Object.keys(node)) {
      const value = node[key] as JsonValue;
      if (key === 'properties' && isJsonObject(value)) {
        const fields = (resolved[key] = emptyObject());
        for (const name of Object.keys(value)) fields[name] = below(value[name] as JsonValue);
      } else if (key === 'items' || key === 'additionalProperties') resolved[key] = below(value);
      else if (!resolvedKeywords.has(key)) resolved[key] = value;
    }
    const { $ref, allOf } = node;
    if (Array.isArray(allOf))
      for (const part of allOf) if (isJsonObject(part)) merge(resolved, below(part) as JsonObject);
    if (typeof $ref === 'string') {
      const target = resolveReference($ref, document, this.lookup);
      if (target !== undefined && isJsonObject(target.node)) {
        merge(resolved, withoutIdentity(this.resolve(target.node, target.document, within)));
      }
    }
    return resolved;
  }
}

/** What a schema says of itself is not said of the place that refers to it. */
function withoutIdentity(resolved: JsonObject): JsonObject {
  const copy = emptyObject();
  for (const key of Object.keys(resolved)) {
    if (!key.startsWith('meta:') && key !== '$id' && key !== '$schema' && key !== 'version' && key !== 'imsOrg') {
      copy[key] = resolved[key] as JsonValue;
    }
  }
  return copy;
}

/** Adds to `target` what it lacks. */
function merge(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    const value = source[key] as JsonValue;
    const known = target[key];
    if (known === undefined) target[key] = value;
    else if (key === 'required' && Array.isArray(known) && Array.isArray(value)) {
      target[key] = [...new Set([...known, ...value])];
    } else if (key === 'properties' && isJsonObject(known) && isJsonObject(value)) mergeFields(known, value);
    else if (key === 'items' && isJsonObject(known) && isJsonObject(value)) merge(known, value);
  }
}

function mergeFields(target: JsonObject, source: JsonObject): void {
  for (const name of Object.keys(source)) {
    const known = target[name];
    const value = source[name] as JsonValue;
    if (known === undefined) target[name] = value;
    else if (isJsonObject(known) && isJsonObject(value)) merge(known, value);
  }
}
