import type { ColumnMetaData, SchemaTree } from 'hyparquet';
import { converterOf, type Convert } from './convert.js';

/** A physical column: the values of one field of the schema that has no fields within. */
export interface Leaf {
  readonly node: SchemaTree;
  /** Names from the top of the schema. */
  readonly path: readonly string[];
  /** The level at which the value itself is there: one for each field on the path that may be missing or repeated. */
  readonly maxDefinition: number;
  /** One for each repeated field on the path. */
  readonly maxRepetition: number;
  readonly convert: Convert;
}

/** The columns of a schema in their order, which is that of the columns of each row group. */
export function leavesOf(schema: SchemaTree): Leaf[] {
  return schema.children.flatMap((child) => leavesWithin(child, 0, 0));
}

function leavesWithin(node: SchemaTree, definition: number, repetition: number): Leaf[] {
  const kind = node.element.repetition_type;
  const maxDefinition = kind === 'REQUIRED' ? definition : definition + 1;
  const maxRepetition = kind === 'REPEATED' ? repetition + 1 : repetition;
  if (node.children.length > 0) {
    return node.children.flatMap((child) => leavesWithin(child, maxDefinition, maxRepetition));
  }
  return [{ node, path: node.path, maxDefinition, maxRepetition, convert: converterOf(node.element) }];
}

/** Where the bytes of a column of a row group lie in the file. */
export function rangeOf(column: ColumnMetaData): readonly [from: number, to: number] {
  const data = Number(column.data_page_offset);
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  // Some writers say 0 for "no dictionary".
  const from = dictionary > 0 && dictionary < data ? dictionary : data;
  return [from, from + Number(column.total_compressed_size)];
}
