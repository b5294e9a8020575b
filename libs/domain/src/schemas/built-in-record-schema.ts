import { builtInDocument } from './built-in-documents.js';
import { RecordSchema } from './record-schema.js';

const schemas = new Map<string, RecordSchema>();

/**
 * What a built-in schema says of its fields, for converting what files have. Records of built-in schemas may say anything,
 * so they are not checked by it.
 */
export function builtInRecordSchema(id: string): RecordSchema | undefined {
  const document = builtInDocument(id);
  if (document?.['meta:class'] === undefined) return undefined;
  let schema = schemas.get(id);
  if (schema === undefined) {
    schema = new RecordSchema({ id, document, lookup: () => undefined, identityFields: [] });
    schemas.set(id, schema);
  }
  return schema;
}
