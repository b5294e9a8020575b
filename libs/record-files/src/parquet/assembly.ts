import type { JsonObject, JsonValue } from '@tessera/contracts';
import type { SchemaTree } from 'hyparquet';
import type { RowFaultReason } from '../file-row.js';
import type { ColumnCursor } from './column-cursor.js';
import { ValueFault } from './convert.js';

/** What is found out about a row while it is put together. */
export interface RowNotes {
  /** Bytes of text, about. */
  size: number;
  fault: { readonly column: readonly string[]; readonly reason: RowFaultReason; readonly message: string } | undefined;
}

/** Reads one field of the present row; undefined where it is null. Every column of the field goes on by one item. */
type Read = (notes: RowNotes) => JsonValue | undefined;

/**
 * Puts rows together from their columns, as Dremel's levels say (parquet-format, Nested Encoding): structs and maps become
 * objects, lists arrays. A null field is absent, a null item of a list stays.
 */
export function rowReader(schema: SchemaTree, cursors: readonly ColumnCursor[]): (notes: RowNotes) => JsonObject {
  const read = struct(schema, 0, 0, cursors);
  return (notes) => read(notes) as JsonObject;
}

function field(node: SchemaTree, definition: number, repetition: number, cursors: readonly ColumnCursor[]): Read {
  const kind = node.element.repetition_type;
  if (kind === 'REPEATED') {
    return list(node, definition, repetition, cursors, content(node, definition + 1, repetition + 1, cursors));
  }
  if (kind === 'REQUIRED') return content(node, definition, repetition, cursors);
  const within = columnsOf(node, cursors);
  const [first] = within as [ColumnCursor];
  const read = content(node, definition + 1, repetition, cursors);
  return (notes) => {
    if (first.definition() > definition) return read(notes);
    for (const cursor of within) cursor.skip();
    return undefined;
  };
}

/** What is in a field that is there. */
function content(node: SchemaTree, definition: number, repetition: number, cursors: readonly ColumnCursor[]): Read {
  if (node.children.length === 0) return leaf(columnsOf(node, cursors)[0] as ColumnCursor);
  const { converted_type: converted, logical_type: logical } = node.element;
  const [child] = node.children as [SchemaTree];
  if (node.children.length === 1 && child.element.repetition_type === 'REPEATED') {
    if (converted === 'LIST' || logical?.type === 'LIST') {
      return list(child, definition, repetition, cursors, item(node, child, definition + 1, repetition + 1, cursors));
    }
    if (converted === 'MAP' || converted === 'MAP_KEY_VALUE' || logical?.type === 'MAP') {
      return map(child, definition, repetition, cursors);
    }
  }
  return struct(node, definition, repetition, cursors);
}

/** The item of a list is the field within the repeated one, but some writers have left that level out. */
function item(
  parent: SchemaTree,
  repeated: SchemaTree,
  definition: number,
  repetition: number,
  cursors: readonly ColumnCursor[],
): Read {
  const { name } = repeated.element;
  const isItem = repeated.children.length !== 1 || name === 'array' || name === `${parent.element.name}_tuple`;
  if (isItem) return content(repeated, definition, repetition, cursors);
  return field(repeated.children[0] as SchemaTree, definition, repetition, cursors);
}

function struct(node: SchemaTree, definition: number, repetition: number, cursors: readonly ColumnCursor[]): Read {
  const members = node.children.map(
    (child) => [child.element.name, field(child, definition, repetition, cursors)] as const,
  );
  return (notes) => {
    const object = emptyObject();
    for (const [name, read] of members) {
      const value = read(notes);
      if (value !== undefined) object[name] = value;
    }
    return object;
  };
}

function list(
  repeated: SchemaTree,
  definition: number,
  repetition: number,
  cursors: readonly ColumnCursor[],
  read: Read,
): Read {
  const within = columnsOf(repeated, cursors);
  const [first] = within as [ColumnCursor];
  return (notes) => {
    const items: JsonValue[] = [];
    if (first.definition() <= definition) {
      for (const cursor of within) cursor.skip();
      return items;
    }
    do items.push(read(notes) ?? null);
    while (first.repetition() > repetition);
    return items;
  };
}

function map(entry: SchemaTree, definition: number, repetition: number, cursors: readonly ColumnCursor[]): Read {
  const [key, value] = entry.children.map((child) => field(child, definition + 1, repetition + 1, cursors));
  const pair: Read = (notes) => [key?.(notes) ?? null, value?.(notes) ?? null];
  const read = list(entry, definition, repetition, cursors, pair);
  return (notes) => {
    const object = emptyObject();
    for (const [name, member] of read(notes) as [JsonValue, JsonValue][]) {
      if (member !== null) object[typeof name === 'string' ? name : JSON.stringify(name)] = member;
    }
    return object;
  };
}

function leaf(cursor: ColumnCursor): Read {
  return (notes) => {
    const value = cursor.take();
    if (value instanceof ValueFault) {
      notes.fault ??= { column: cursor.leaf.path, reason: value.reason, message: value.message };
      return undefined;
    }
    if (typeof value === 'string') notes.size += value.length;
    return value;
  };
}

function columnsOf(node: SchemaTree, cursors: readonly ColumnCursor[]): ColumnCursor[] {
  return cursors.filter(({ leaf: { path } }) => node.path.every((name, depth) => path[depth] === name));
}

/** Without a prototype: names of columns and keys of maps are data. */
function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}
