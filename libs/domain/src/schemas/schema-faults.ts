import { Ajv } from 'ajv';
import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { compileDefinitions } from './compile-schema.js';
import { lowerSchema } from './lower-schema.js';
import type { SchemaLookup } from './schema-references.js';
import { intricacy } from './schema-work.js';
import { validationFaults } from './validation-faults.js';
import { valueAt, wellFormedPart, type WellFormedPart } from './well-formed-part.js';

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
  const { $id, $schema: _dialect, ...rest } = document;
  const malformed = isJsonSchema?.(rest) === false ? validationFaults(isJsonSchema.errors ?? [], '') : [];
  if (malformed.length > 0) return [...malformed, ...faultsBeside(malformed, rest, $id, lookup)];
  const { schema, faults } = lowerSchema(document, lookup);
  if (faults.length > 0 || !isOfObjects(document)) return [...faultsOfType(document), ...faults];
  const intricate = intricacy(schema);
  if (intricate !== undefined) return [{ path: '', message: intricate }];
  try {
    compileDefinitions(schema.definitions, 's0');
    return [];
  } catch {
    return [{ path: '', message: 'cannot be compiled as a JSON Schema (draft 7)' }];
  }
}

/** Faults of what is well-formed in a document that is no JSON Schema. */
function faultsBeside(
  malformed: readonly Fault[],
  document: JsonObject,
  id: JsonValue | undefined,
  lookup: SchemaLookup,
): Fault[] {
  const part = isJsonSchema && wellFormedPart(document, isJsonSchema);
  if (part === undefined) return [];
  const sound = { ...(id !== undefined && { $id: id }), ...part.document };
  const known = new Set(malformed.map(({ path }) => path));
  return [...faultsOfType(document), ...lowerSchema(sound, lookup).faults].filter(
    ({ path }) => !known.has(path) && !leadsIntoCut(path, part),
  );
}

/** Whether a reference may only lead nowhere because what it names is malformed. */
function leadsIntoCut(path: string, { document, cut }: WellFormedPart): boolean {
  const reference = path.endsWith('/$ref') && valueAt(document, path);
  return typeof reference === 'string' && cut.some((place) => `${reference}/`.startsWith(`#${place}/`));
}

function isOfObjects({ type }: JsonObject): boolean {
  return type === undefined || type === 'object';
}

function faultsOfType(document: JsonObject): Fault[] {
  return isOfObjects(document) ? [] : [{ path: '/type', message: 'records are objects: must be "object"' }];
}
