import type { SchemaElement } from 'hyparquet';
import type { Column } from '@tessera/domain';

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const leaves: Readonly<Record<Exclude<Column['kind'], 'object' | 'list' | 'map'>, Leaf>> = {
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
