import type { JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { definitionName, type LoweredSchema } from './lower-schema.js';

/**
 * What a schema says of the values at one place: all subschemas that hold there at once, behind `allOf` and `$ref`. What
 * holds only in one of several cases (`anyOf`, `oneOf`, `if`) is left out.
 */
export class FieldType {
  private readonly known = new Map<string, FieldType | undefined>();
  private other: FieldType | undefined | null = null;
  private item: FieldType | undefined | null = null;
  /** The types a value may have; undefined where any will do. */
  readonly types: ReadonlySet<string> | undefined;
  readonly format: string | undefined;
  /** Names of the declared fields. */
  readonly names: readonly string[];

  constructor(
    /** Lowered subschemas without `allOf` and `$ref` of their own left to follow. */
    readonly parts: readonly JsonObject[],
    private readonly typeOf: (nodes: readonly JsonValue[]) => FieldType | undefined,
  ) {
    this.types = commonTypes(parts);
    const formats = parts.map(({ format }) => format).filter((format) => typeof format === 'string');
    this.format = formats[0];
    this.names = [...new Set(parts.flatMap(({ properties }) => Object.keys((properties ?? {}) as JsonObject)))];
  }

  /** A declared field. */
  declared(name: string): FieldType | undefined {
    if (!this.known.has(name)) {
      if (!this.names.includes(name)) return undefined;
      const nodes = this.parts.map(({ properties }) => own(properties, name)).filter((node) => node !== undefined);
      this.known.set(name, this.typeOf(nodes));
    }
    return this.known.get(name);
  }

  /** A declared field, or what the schema says of all others. */
  property(name: string): FieldType | undefined {
    return this.declared(name) ?? this.others();
  }

  /** Every field that is not declared. */
  others(): FieldType | undefined {
    if (this.other === null) {
      this.other = this.typeOf(this.parts.map(({ additionalProperties }) => additionalProperties).filter(isJsonObject));
    }
    return this.other;
  }

  /** Every item of an array. */
  element(): FieldType | undefined {
    if (this.item === null) this.item = this.typeOf(this.parts.map(({ items }) => items).filter(isJsonObject));
    return this.item;
  }

  /** The field at a path of declared fields. */
  at(steps: readonly string[]): FieldType | undefined {
    return steps.reduce<FieldType | undefined>((type, step) => type?.declared(step), this);
  }
}

/** What a lowered schema says of a whole record. Types of equal places are shared, so recursive schemas end. */
export function fieldTypeOf({ definitions }: LoweredSchema): FieldType {
  const numbers = new Map<JsonObject, number>();
  const types = new Map<string, FieldType>();
  const typeOf = (nodes: readonly JsonValue[]): FieldType | undefined => {
    const parts = partsOf(nodes, definitions);
    if (parts.length === 0) return undefined;
    const key = parts.map((part) => numbers.get(part) ?? numbers.set(part, numbers.size).size - 1).join();
    let type = types.get(key);
    if (type === undefined) types.set(key, (type = new FieldType(parts, typeOf)));
    return type;
  };
  return typeOf([definitions['s0'] ?? emptyObject()]) ?? new FieldType([], typeOf);
}

/** The distinct subschemas that hold wherever all of `nodes` do. */
function partsOf(nodes: readonly JsonValue[], definitions: JsonObject): JsonObject[] {
  const parts = new Set<JsonObject>();
  const open = [...nodes].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isJsonObject(node) || parts.has(node)) continue;
    parts.add(node);
    const { $ref, allOf } = node;
    if (Array.isArray(allOf)) open.push(...allOf);
    if (typeof $ref === 'string') open.push(definitions[definitionName($ref)] ?? true);
  }
  return [...parts];
}

function commonTypes(parts: readonly JsonObject[]): ReadonlySet<string> | undefined {
  const lists = parts.map(({ type }) => type).filter((type) => type !== undefined);
  if (lists.length === 0) return undefined;
  const sets = lists.map((type) => new Set((Array.isArray(type) ? type : [type]) as string[]));
  return sets.reduce((common, set) => new Set([...common].filter((type) => set.has(type))));
}

function own(map: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(map) && Object.hasOwn(map, name) ? map[name] : undefined;
}
