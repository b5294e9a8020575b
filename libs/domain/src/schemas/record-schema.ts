import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import type { DataBehavior } from '../record/read-record.js';
import { compileDefinitions, type SchemaCheck } from './compile-schema.js';
import { fieldTypeOf, type FieldType } from './field-type.js';
import type { IdentityField } from './identity-field.js';
import { lowerSchema, type LoweredSchema } from './lower-schema.js';
import { relaxedSchema } from './relaxed-schema.js';
import { declaredClass } from './schema-class.js';
import type { SchemaLookup } from './schema-references.js';

export interface RecordSchemaDefinition {
  /** `$id`. */
  readonly id: string;
  /** A schema that was found free of faults when it was created. */
  readonly document: JsonObject;
  /** Finds other schemas of the sandbox. */
  readonly lookup: SchemaLookup;
  /** Fields that identity descriptors name. */
  readonly identityFields: readonly IdentityField[];
}

/** How a record is checked. */
export interface CheckOptions {
  /** The record states some fields only: nothing is required, and `null` clears. */
  readonly partial?: boolean;
  /** JSON Pointer of the record inside its message, put in front of every path. */
  readonly root?: string;
}

/** A sandbox's own schema, ready for checking records: compiled once, when the first record asks for it. */
export class RecordSchema {
  readonly id: string;
  /** Id of its class, which is also that of the class's built-in schema. */
  readonly classId: string;
  readonly behavior: DataBehavior;
  readonly identityFields: readonly IdentityField[];
  /** What it says of each field. */
  readonly fields: FieldType;
  private readonly lowered: LoweredSchema;
  private whole: SchemaCheck | undefined;
  private partial: SchemaCheck | undefined;

  /** @throws RangeError for a schema of no class. */
  constructor({ id, document, lookup, identityFields }: RecordSchemaDefinition) {
    const schemaClass = declaredClass(document);
    if (schemaClass === undefined) throw new RangeError(`the schema ${id} is of no class`);
    this.id = id;
    this.classId = schemaClass.id;
    this.behavior = schemaClass.behavior;
    this.identityFields = identityFields;
    this.lowered = lowerSchema(document, lookup).schema;
    this.fields = fieldTypeOf(this.lowered);
  }

  /** Every fault of a record, which is left as it is. */
  faults(record: JsonObject, { partial = false, root = '' }: CheckOptions = {}): Fault[] {
    if (!partial) {
      this.whole ??= compileDefinitions(this.lowered.definitions, 's0');
      return this.whole(record, root);
    }
    this.partial ??= compileDefinitions(relaxedSchema(this.lowered).definitions, 's0');
    return this.partial(withoutNulls(record), root);
  }
}

/** Without the fields that a partial update clears; items of arrays stay what they are. */
function withoutNulls(object: JsonObject): JsonObject {
  const copy = emptyObject();
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    if (value !== null) copy[key] = isJsonObject(value) ? withoutNulls(value) : value;
  }
  return copy;
}
