import { Ajv } from 'ajv';
import type { Fault, JsonObject } from '@tessera/contracts';
import { compileDefinitions } from './compile-schema.js';
import { lowerSchema } from './lower-schema.js';
import type { SchemaLookup } from './schema-references.js';
import { intricacy } from './schema-work.js';
import { validationFaults } from './validation-faults.js';

/** Characters of a schema as JSON. */
const MOST_CHARACTERS = 524_288;

const metaSchema = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
const isJsonSchema = metaSchema.getSchema('http://json-schema.org/draft-07/schema');

/**
 * Everything that keeps a document from being a schema records can be checked by: it is no JSON Schema (draft 7), refers to
 * nothing, has a pattern that cannot be run safely, or is out of bounds. None means that compiling it will succeed.
 *
 * @param lookup finds other schemas of the sandbox.
 */
export function schemaFaults(document: JsonObject, lookup: SchemaLookup): Fault[] {
  if (JSON.stringify(document).length > MOST_CHARACTERS) {
    return [{ path: '', message: `a schema may have ${MOST_CHARACTERS} characters` }];
  }
  // Ids and dialects are the registry's business; Ajv would look for them.
  const { $id: _id, $schema: _dialect, ...rest } = document;
  if (isJsonSchema?.(rest) === false) return validationFaults(isJsonSchema.errors ?? [], '');
  if (document['type'] !== undefined && document['type'] !== 'object') {
    return [{ path: '/type', message: 'records are objects: must be "object"' }];
  }
  const { schema, faults } = lowerSchema(document, lookup);
  if (faults.length > 0) return [...faults];
  const intricate = intricacy(schema);
  if (intricate !== undefined) return [{ path: '', message: intricate }];
  try {
    compileDefinitions(schema.definitions, 's0');
    return [];
  } catch {
    return [{ path: '', message: 'cannot be compiled as a JSON Schema (draft 7)' }];
  }
}
