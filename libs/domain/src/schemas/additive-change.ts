import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { canonicalJson, emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { pointer } from '../record/json-pointer.js';
import { FieldType, fieldTypeOf } from './field-type.js';
import { definitionName, lowerSchema, type LoweredSchema } from './lower-schema.js';
import type { SchemaLookup } from './schema-references.js';

/** A schema with what its references find. */
export interface SchemaVersion {
  readonly document: JsonObject;
  readonly lookup: SchemaLookup;
}

/** A wider bound is a larger value, or none. */
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
/** A wider bound is a smaller value, or none. */
const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
/** What can only stay or go, for nobody can say which of two is the narrower. */
const exactKeywords = [
  'pattern',
  'multipleOf',
  'uniqueItems',
  'anyOf',
  'oneOf',
  'not',
  'contains',
  'propertyNames',
  'dependencies',
  'patternProperties',
  'additionalItems',
] as const;

/** Subschemas looked at when two alternatives are compared. */
const MOST_EXPANDED = 5_000;

/**
 * Where a new version of a schema does more than add to the old one: takes a field away, changes a type, requires what was
 * not required, or narrows what a field may be (spec 03-ingestion, "Schemas"). Where there is no fault, every record of
 * known fields that was valid stays valid.
 *
 * @returns faults, each at the field as the new version has it.
 */
export function additiveFaults(before: SchemaVersion, after: SchemaVersion): Fault[] {
  const old = lowerSchema(before.document, before.lookup).schema;
  const next = lowerSchema(after.document, after.lookup).schema;
  const comparison = new Comparison(old, next);
  comparison.compare(fieldTypeOf(old), fieldTypeOf(next), '');
  return comparison.faults;
}

class Comparison {
  readonly faults: Fault[] = [];
  private readonly compared = new Map<FieldType, Set<FieldType>>();
  private readonly anything = new FieldType([], () => undefined);

  constructor(
    private readonly old: LoweredSchema,
    private readonly next: LoweredSchema,
  ) {}

  compare(before: FieldType, after: FieldType, path: string): void {
    const known = this.compared.get(before) ?? new Set();
    if (known.has(after)) return;
    this.compared.set(before, known.add(after));
    if (shown(before.types) !== shown(after.types) || before.format !== after.format) {
      this.fault(path, `the type cannot change; it is ${shown(before.types)} ${before.format ?? ''}`.trim());
    }
    for (const name of before.names) {
      const at = pointer(`${path}/properties`, name);
      const now = after.declared(name);
      if (now === undefined) this.fault(at, 'the field cannot be removed');
      else this.compare(before.declared(name) ?? this.anything, now, at);
    }
    this.compareRequired(before, after, path);
    this.compareBounds(before, after, path);
    this.compareValues(before, after, path);
    this.compareExact(before, after, path);
    this.compareOthers(before, after, path);
    this.compare(before.element() ?? this.anything, after.element() ?? this.anything, `${path}/items`);
  }

  private compareRequired(before: FieldType, after: FieldType, path: string): void {
    const required = (type: FieldType) => new Set(type.parts.flatMap((part) => (part['required'] ?? []) as string[]));
    const old = required(before);
    for (const name of required(after)) {
      if (!old.has(name)) this.fault(`${path}/required`, `${name} cannot become required`);
    }
  }

  private compareBounds(before: FieldType, after: FieldType, path: string): void {
    for (const keyword of upperBounds) {
      const bound = (type: FieldType) => Math.min(...numbers(type, keyword));
      if (bound(after) < bound(before)) this.fault(`${path}/${keyword}`, 'cannot become narrower');
    }
    for (const keyword of lowerBounds) {
      const bound = (type: FieldType) => Math.max(...numbers(type, keyword));
      if (bound(after) > bound(before)) this.fault(`${path}/${keyword}`, 'cannot become narrower');
    }
  }

  private compareValues(before: FieldType, after: FieldType, path: string): void {
    const now = listedValues(after);
    if (now === undefined) return;
    const old = listedValues(before);
    if (old === undefined) this.fault(`${path}/enum`, 'values cannot become limited to a list');
    else if ([...old].some((value) => !now.has(value))) this.fault(`${path}/enum`, 'values cannot be taken away');
  }

  private compareExact(before: FieldType, after: FieldType, path: string): void {
    const old = new Set(before.parts.flatMap((part) => conditions(part, this.old)));
    for (const part of after.parts) {
      for (const condition of conditions(part, this.next)) {
        if (old.has(condition)) continue;
        this.fault(path, `${condition.slice(0, condition.indexOf(' '))} cannot be added or changed`);
      }
    }
  }

  /** Fields that are not declared: whatever limits them must have done so before, for no fewer fields. */
  private compareOthers(before: FieldType, after: FieldType, path: string): void {
    const at = `${path}/additionalProperties`;
    for (const limiting of after.parts.filter(limitsOthers)) {
      const didBefore = before.parts.filter(limitsOthers).some((part) => {
        const isSameKind = (part['additionalProperties'] === false) === (limiting['additionalProperties'] === false);
        return isSameKind && isSubset(fieldsOf(part), fieldsOf(limiting)) && patternsOf(part) === patternsOf(limiting);
      });
      if (!didBefore) this.fault(at, 'cannot be limited further');
    }
    this.compare(before.others() ?? this.anything, after.others() ?? this.anything, at);
  }

  private fault(path: string, message: string): void {
    if (this.faults.length < 100) this.faults.push({ path, message });
  }
}

function shown(types: ReadonlySet<string> | undefined): string {
  return types === undefined ? 'anything' : [...types].sort().join(' or ');
}

function numbers({ parts }: FieldType, keyword: string): number[] {
  return parts.map((part) => part[keyword]).filter((value) => typeof value === 'number');
}

/** The values a field is limited to by `enum` and `const`, as canonical JSON. */
function listedValues({ parts }: FieldType): ReadonlySet<string> | undefined {
  let common: Set<string> | undefined;
  for (const { enum: values, const: value } of parts) {
    for (const list of [values, value === undefined ? undefined : [value]]) {
      if (!Array.isArray(list)) continue;
      const set = new Set(list.map(canonicalJson));
      common = common === undefined ? set : new Set([...common].filter((known) => set.has(known)));
    }
  }
  return common;
}

/** Everything of a subschema that is compared as a whole, as `<keyword> <canonical JSON>`. */
function conditions(part: JsonObject, schema: LoweredSchema): string[] {
  const found: string[] = exactKeywords
    .filter((key) => part[key] !== undefined && !saysNothing(key, part[key]))
    .map((key) => `${key} ${expanded(part[key] as JsonValue, schema)}`);
  const { if: test, then: yes = null, else: no = null, items } = part;
  if (test !== undefined) found.push(`if ${expanded([test, yes, no], schema)}`);
  if (Array.isArray(items)) found.push(`items ${expanded(items, schema)}`);
  return found;
}

function saysNothing(keyword: string, value: JsonValue): boolean {
  if (keyword === 'not' || keyword === 'contains') return false;
  return value === false || isEmpty(value);
}

function isEmpty(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((item) => all.has(item));
}

/** Canonical JSON with references replaced by what they mean; text of its own kind where that takes too long. */
function expanded(value: JsonValue, { definitions }: LoweredSchema): string {
  let count = 0;
  const expand = (node: JsonValue, trail: readonly string[]): JsonValue => {
    count += 1;
    if (count > MOST_EXPANDED) return null;
    if (Array.isArray(node)) return node.map((item) => expand(item, trail));
    if (!isJsonObject(node)) return node;
    const copy = emptyObject();
    for (const key of Object.keys(node)) {
      const below = node[key] as JsonValue;
      if (key !== '$ref' || typeof below !== 'string') copy[key] = expand(below, trail);
      else {
        const name = definitionName(below);
        const round = trail.indexOf(name);
        // A way back is told by how far it leads, for names differ between versions.
        copy[key] = round >= 0 ? trail.length - round : expand(definitions[name] ?? null, [...trail, name]);
      }
    }
    return copy;
  };
  const text = canonicalJson(expand(value, []));
  return count > MOST_EXPANDED ? `${Math.random()}` : text;
}

function limitsOthers({ additionalProperties }: JsonObject): boolean {
  return additionalProperties !== undefined && !isEmpty(additionalProperties);
}

function fieldsOf({ properties }: JsonObject): Set<string> {
  return new Set(Object.keys((properties ?? {}) as JsonObject));
}

function patternsOf({ patternProperties }: JsonObject): string {
  return JSON.stringify(Object.keys((patternProperties ?? {}) as JsonObject).sort());
}
