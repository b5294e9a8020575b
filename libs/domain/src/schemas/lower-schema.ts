import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { pointer } from '../record/json-pointer.js';
import { linearPattern } from './linear-pattern.js';
import {
  checkedFormats,
  inPlaceKeywords,
  inPlaceLists,
  insideKeywords,
  insideMaps,
  plainKeywords,
} from './schema-keywords.js';
import { resolveReference, type SchemaLookup, type SchemaPlace } from './schema-references.js';

/** Subschemas of a schema with everything it refers to. */
const MOST_NODES = 20_000;
/** A record nests 32 levels; each takes `properties` or `items` and may be reached through `allOf`. */
const MOST_DEPTH = 64;

/**
 * A schema brought down to what decides about validity: the whole of it in one place, under names of our own, with no
 * annotation, no foreign id and no unknown keyword left. `s0` is the schema itself; a `$ref` names another definition.
 */
export interface LoweredSchema {
  readonly definitions: JsonObject;
}

export interface Lowering {
  readonly schema: LoweredSchema;
  /** References that lead nowhere, patterns that cannot be run, bounds; places in the given document. */
  readonly faults: readonly Fault[];
}

/** The name of a definition that a lowered `$ref` means. */
export function definitionName(reference: string): string {
  return reference.slice('#/definitions/'.length);
}

/**
 * Lowers a schema. What has a fault is left out, so the result can be compiled in any case.
 *
 * @param lookup finds other schemas of the sandbox.
 */
export function lowerSchema(document: JsonObject, lookup: SchemaLookup): Lowering {
  return new Lowerer(document, lookup).run();
}

/** Where a subschema stands: in the given document, or in another one that a reference in it led to. */
interface Standing extends SchemaPlace {
  /** For faults: a place in the given document. */
  readonly shown: string;
}

class Lowerer {
  private readonly definitions = emptyObject();
  private readonly names = new Map<JsonObject, Map<string, string>>();
  private readonly waiting: { readonly name: string; readonly standing: Standing }[] = [];
  private readonly faults: Fault[] = [];
  private readonly lookup: SchemaLookup;
  private nodes = 0;

  constructor(
    private readonly root: JsonObject,
    lookup: SchemaLookup,
  ) {
    // Documents are told apart by identity, so each is looked up once.
    const found = new Map<string, JsonObject | undefined>();
    this.lookup = (id) => (found.has(id) ? found : found.set(id, lookup(id))).get(id);
  }

  run(): Lowering {
    this.nameOf({ document: this.root, path: '', node: this.root, shown: '' });
    for (const key of ['definitions', '$defs']) this.nameOwnDefinitions(key);
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      this.definitions[next.name] = this.lower(next.standing, 1);
    }
    return { schema: { definitions: this.definitions }, faults: this.faults };
  }

  /** Those that nothing refers to are looked at all the same, for their faults. */
  private nameOwnDefinitions(key: string): void {
    const own = this.root[key];
    if (!isJsonObject(own)) return;
    for (const name of Object.keys(own)) {
      const path = pointer(`/${key}`, name);
      this.nameOf({ document: this.root, path, node: own[name] as JsonValue, shown: path });
    }
  }

  private nameOf(standing: Standing): string {
    let known = this.names.get(standing.document);
    if (known === undefined) this.names.set(standing.document, (known = new Map<string, string>()));
    let name = known.get(standing.path);
    if (name === undefined) {
      name = `s${[...this.names.values()].reduce((count, { size }) => count + size, 0)}`;
      known.set(standing.path, name);
      this.waiting.push({ name, standing });
    }
    return name;
  }

  private lower(standing: Standing, depth: number): JsonValue {
    const { node, shown } = standing;
    if (!isJsonObject(node)) return node === false ? nothing() : emptyObject();
    this.nodes += 1;
    if (this.nodes === MOST_NODES) this.fault(shown, `the schema has more than ${MOST_NODES} parts with what it uses`);
    if (depth > MOST_DEPTH) this.fault(shown, `schemas nest deeper than ${MOST_DEPTH} levels`);
    if (this.nodes >= MOST_NODES || depth > MOST_DEPTH) return emptyObject();
    const lowered = emptyObject();
    const below = (...steps: (string | number)[]) => this.lower(this.child(standing, steps), depth + 1);
    this.copyPlain(standing, lowered);
    for (const key of [...inPlaceKeywords, ...insideKeywords]) if (isSchema(node[key])) lowered[key] = below(key);
    // As a value of its own it has a message of its own, and partial updates must keep to it.
    if (node['additionalProperties'] === false) lowered['additionalProperties'] = false;
    for (const key of inPlaceLists) {
      const list = node[key];
      if (Array.isArray(list) && list.length > 0) lowered[key] = list.map((_part, index) => below(key, index));
    }
    for (const key of insideMaps) this.lowerMap(standing, key, lowered, below);
    const { items, dependencies } = node;
    if (Array.isArray(items)) lowered['items'] = items.map((_item, index) => below('items', index));
    else if (isSchema(items)) lowered['items'] = below('items');
    if (isJsonObject(dependencies)) {
      const map = (lowered['dependencies'] = emptyObject());
      for (const name of Object.keys(dependencies)) {
        const value = dependencies[name] as JsonValue;
        map[name] = Array.isArray(value) ? value : below('dependencies', name);
      }
    }
    this.refer(standing, lowered);
    return lowered;
  }

  private copyPlain({ node, shown }: Standing, lowered: JsonObject): void {
    for (const key of plainKeywords) {
      const value = (node as JsonObject)[key];
      if (value === undefined) continue;
      if (key === 'format' && !(checkedFormats as readonly JsonValue[]).includes(value)) continue;
      if (key === 'pattern' && !this.isRunnable(value, pointer(shown, key))) continue;
      lowered[key] = value;
    }
  }

  private lowerMap(
    { node, shown }: Standing,
    key: (typeof insideMaps)[number],
    lowered: JsonObject,
    below: (...steps: string[]) => JsonValue,
  ): void {
    const map = (node as JsonObject)[key];
    if (!isJsonObject(map)) return;
    const copy = (lowered[key] = emptyObject());
    for (const name of Object.keys(map)) {
      if (key === 'patternProperties' && !this.isRunnable(name, pointer(pointer(shown, key), name))) continue;
      copy[name] = below(key, name);
    }
  }

  private refer({ document, path, node, shown }: Standing, lowered: JsonObject): void {
    const reference = (node as JsonObject)['$ref'];
    if (typeof reference !== 'string') return;
    const at = pointer(shown, '$ref');
    const target = resolveReference(reference, document, this.lookup);
    if (target === undefined) {
      this.fault(
        at,
        `nothing is at ${reference.slice(0, 256)}: name a definition of this schema or the $id of another`,
      );
    } else if (target.document === document && target.path === path) {
      this.fault(at, 'refers to itself');
    } else {
      const isOwn = target.document === this.root;
      lowered['$ref'] = `#/definitions/${this.nameOf({ ...target, shown: isOwn ? target.path : at })}`;
    }
  }

  private child({ document, path, node, shown }: Standing, steps: readonly (string | number)[]): Standing {
    const value = steps.reduce<JsonValue>((from, step) => (from as JsonObject)[step] as JsonValue, node);
    const isOwn = document === this.root;
    return {
      document,
      path: steps.reduce(pointer, path),
      node: value,
      shown: isOwn ? steps.reduce(pointer, shown) : shown,
    };
  }

  private isRunnable(pattern: JsonValue, path: string): boolean {
    const compiled = linearPattern(pattern as string);
    if (typeof compiled !== 'string') return true;
    this.fault(path, compiled);
    return false;
  }

  private fault(path: string, message: string): void {
    if (this.faults.length < 100) this.faults.push({ path, message });
  }
}

/** The schema of no value at all. */
function nothing(): JsonObject {
  return Object.assign(emptyObject(), { not: emptyObject() });
}

function isSchema(value: JsonValue | undefined): boolean {
  return isJsonObject(value) || typeof value === 'boolean';
}
