import type { SchemaElement } from 'hyparquet';
import type { Column, LeafColumn } from '@tessera/domain';

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const leaves: Readonly<Record<LeafColumn['kind'], Leaf>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  date: { type: 'INT32', converted_type: 'DATE' },
};

/**
 * The schema of a Parquet file with these columns, depth first as files have it. Every field is optional; lists and maps
 * have the three levels that the format's page on logical types prescribes.
 */
export function parquetSchema(columns: ReadonlyMap<string, Column>): SchemaElement[] {
  const fields = [...columns].flatMap(([name, column]) => elements(name, column));
  return [{ name: 'profile', num_children: columns.size }, ...fields];
}

function elements(name: string, column: Column): SchemaElement[] {
  switch (column.kind) {
    case 'object': {
      const fields = [...column.fields].flatMap(([field, below]) => elements(field, below));
      return [{ name, repetition_type: 'OPTIONAL', num_children: column.fields.size }, ...fields];
    }
    case 'list':
      return [
        { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elements('element', column.item),
      ];
    case 'map':
      return [
        { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        { name: 'key', repetition_type: 'REQUIRED', ...leaves.text },
        ...elements('value', column.value),
      ];
    case 'text':
    case 'json':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'instant':
    case 'date':
      return [{ name, repetition_type: 'OPTIONAL', ...leaves[column.kind] }];
  }
}

/** The elements that lead from the root to each column without parts, in the order of the schema. */
export function leafPaths(schema: readonly SchemaElement[]): SchemaElement[][] {
  const paths: SchemaElement[][] = [];
  let at = 0;
  const visit = (above: readonly SchemaElement[]): void => {
    const element = schema[at] as SchemaElement;
    at += 1;
    const path = [...above, element];
    if (element.num_children === undefined) paths.push(path);
    else for (let child = 0; child < element.num_children; child += 1) visit(path);
  };
  visit([]);
  return paths;
}
