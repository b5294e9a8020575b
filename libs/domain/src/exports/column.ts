import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';
import type { Selector } from '../selector/selector.js';
import { unite } from '../selector/unite.js';

/**
 * The type of a column of an export's files, or of a part of one. `instant` is a moment to the millisecond, `date` a day;
 * `json` is anything, as JSON text.
 */
export type Column =
  | { readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'date' | 'json' }
  | ObjectColumn
  | { readonly kind: 'list'; readonly item: Column }
  /** Keys that nobody knows beforehand, such as namespaces, to values of one type. */
  | { readonly kind: 'map'; readonly value: Column };

export interface ObjectColumn {
  readonly kind: 'object';
  /** At least one, in order. */
  readonly fields: ReadonlyMap<string, Column>;
}

/** Columns, parts of columns included, of one file; what a schema has beyond them is JSON text. */
const MOST_COLUMNS = 2_000;
/** Objects and lists within one another: what lies deeper is JSON text. */
const DEEPEST = 32;

/** Counts the columns of one schema. */
interface Budget {
  left: number;
}

/**
 * The columns of the records that a resolved schema (`unionSchema`) describes.
 *
 * @param selector the fields that are wanted; all when undefined. Wanted fields that the schema does not name have no column.
 */
export function columnsOf(schema: JsonObject, selector?: Selector): ReadonlyMap<string, Column> {
  return fieldsOf(schema, selector, { left: MOST_COLUMNS }, 0);
}

function fieldsOf(
  { properties }: JsonObject,
  selector: Selector | undefined,
  budget: Budget,
  depth: number,
): Map<string, Column> {
  const fields = new Map<string, Column>();
  if (!isJsonObject(properties)) return fields;
  for (const name of Object.keys(properties)) {
    const selection = selector === undefined ? 'whole' : selector.fields.get(name);
    // No object can have a field of this name like any other.
    if (selection === undefined || name === '__proto__') continue;
    const below = selection === 'whole' ? undefined : selection;
    const column = columnOf(properties[name] as JsonValue, below, budget, depth + 1);
    if (column !== undefined) fields.set(name, column);
  }
  return fields;
}

/** Undefined where a selector leads into something that has no such field. */
function columnOf(node: JsonValue, selector: Selector | undefined, budget: Budget, depth: number): Column | undefined {
  const anything: Column | undefined = selector === undefined ? { kind: 'json' } : undefined;
  if (!isJsonObject(node) || depth > DEEPEST || budget.left <= 0) return anything;
  budget.left -= 1;
  const type = typeOf(node);
  if (type === 'object') return objectColumn(node, selector, budget, depth) ?? anything;
  if (type === 'array') {
    const item = node['items'] === undefined ? undefined : columnOf(node['items'], selector, budget, depth + 1);
    return item === undefined || item.kind === 'json' ? anything : { kind: 'list', item };
  }
  if (selector !== undefined) return undefined;
  if (type === 'string') return { kind: textKind(node['format']) };
  return type === 'integer' || type === 'number' || type === 'boolean' ? { kind: type } : anything;
}

function objectColumn(
  node: JsonObject,
  selector: Selector | undefined,
  budget: Budget,
  depth: number,
): Column | undefined {
  const fields = fieldsOf(node, selector, budget, depth);
  if (fields.size > 0) return { kind: 'object', fields };
  return mapColumn(node, selector, budget, depth);
}

/** Which keys are wanted does not matter: rows have no others. Their values have one type, of what is wanted of any. */
function mapColumn(
  { properties, additionalProperties }: JsonObject,
  selector: Selector | undefined,
  budget: Budget,
  depth: number,
): Column | undefined {
  if (!isJsonObject(additionalProperties)) return undefined;
  const named = isJsonObject(properties) ? properties : {};
  const keys = [...(selector?.fields ?? [])].filter(([key]) => !Object.hasOwn(named, key));
  if (selector !== undefined && keys.length === 0) return undefined;
  const below = selector && unite(keys.map(([, selection]) => selection));
  const value = columnOf(additionalProperties, below, budget, depth + 1);
  return value === undefined || value.kind === 'json' ? undefined : { kind: 'map', value };
}

/** The one type of a place; undefined where it may have several. */
function typeOf({ type, properties, items }: JsonObject): string | undefined {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string' && one !== 'null');
  if (types.length === 1) return types[0] as string;
  if (types.length > 1) return undefined;
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}

function textKind(format: JsonValue | undefined): 'instant' | 'date' | 'text' {
  if (format === 'date-time') return 'instant';
  return format === 'date' ? 'date' : 'text';
}
