import type { Fault, JsonObject } from '@tessera/contracts';
import {
  additiveFaults,
  declaredClass,
  foreignReferences,
  hasIdentityMap,
  RecordSchema,
  schemaClasses,
  schemaFaults,
  sourceFaults,
  type FieldType,
  type SchemaLookup,
} from '@tessera/domain';
import { problem } from '@tessera/http';
import type { RegistrySnapshot, StoredDescriptor, StoredSchema } from '@tessera/stores';

/** The tag that enables a schema for profiles. */
const UNION = 'union';

/** Finds schemas of a sandbox by `$id`. */
export function lookupIn(schemas: readonly StoredSchema[]): SchemaLookup {
  const byId = new Map(schemas.map(({ id, document }) => [id, document]));
  return (id) => byId.get(id);
}

/** What a schema's class is; where it is of no known one, the id is empty and the faults say so. */
export function classOf(document: JsonObject): { readonly classId: string; readonly faults: readonly Fault[] } {
  const found = declaredClass(document);
  if (found !== undefined) return { classId: found.id, faults: [] };
  const known = schemaClasses.map(({ id }) => id).join(', ');
  const message = `must be one of ${known}; or refer to one of them in allOf`;
  return { classId: '', faults: [{ path: '/meta:class', message }] };
}

export function isEnabled({ 'meta:immutableTags': tags }: JsonObject): boolean {
  return Array.isArray(tags) && tags.includes(UNION);
}

/** What a schema says of its fields. */
export function fieldsOf({ id, document }: StoredSchema, lookup: SchemaLookup): FieldType {
  return new RecordSchema({ id, document, lookup, identityFields: [] }).fields;
}

/**
 * Checks a schema that is new, or as it is after a change.
 *
 * @param found faults of it that are known already, by the check that found them; of one place the first check tells.
 * @throws ProblemError `invalid-body` with every fault.
 */
export function checkSchema(
  schema: StoredSchema,
  { schemas }: Pick<RegistrySnapshot, 'schemas'>,
  ...found: readonly (readonly Fault[])[]
): void {
  const errors: Fault[] = [];
  for (const faults of [...found, schemaFaults(schema.document, lookupIn(schemas))]) {
    const told = new Set(errors.map(({ path }) => path));
    errors.push(...faults.filter(({ path }) => !told.has(path)));
  }
  if (errors.length === 0) return;
  throw problem('invalid-body', {
    detail: 'This makes no schema that records can be checked by; errors lists every fault.',
    errors,
  });
}

/** Checks that a new schema that is enabled says whom its records are about. @throws ProblemError `no-primary-identity`. */
export function checkPrimary(schema: StoredSchema, snapshot: RegistrySnapshot): void {
  if (lacksPrimary(schema, snapshot)) throw noPrimaryIdentity();
}

function lacksPrimary(schema: StoredSchema, { schemas, descriptors }: RegistrySnapshot): boolean {
  if (!schema.enabled) return false;
  const hasPrimary = descriptors.some(({ schemaId, isPrimary }) => schemaId === schema.id && isPrimary);
  return !hasPrimary && !hasIdentityMap(fieldsOf(schema, lookupIn(schemas)));
}

const primaryFault: Fault = { path: '/meta:immutableTags', message: 'needs a primary identity' };

export function noPrimaryIdentity() {
  return problem('no-primary-identity', {
    detail:
      'A schema with the tag "union" needs to say whom its records are about: create a descriptor with xdm:isPrimary for one of its fields first, or give it the field identityMap.',
    errors: [primaryFault],
  });
}

/**
 * Checks that a change of a schema takes nothing away from what relies on it: enabled schemas, descriptors, and other
 * schemas that refer to it; and that an enabled one says whom its records are about.
 *
 * @throws ProblemError `change-not-additive` with every fault, `no-primary-identity` where that is all, `schema-in-use`.
 */
export function checkChange(before: StoredSchema, after: StoredSchema, snapshot: RegistrySnapshot): void {
  const errors: Fault[] = [];
  if (before.classId !== after.classId) errors.push({ path: '/meta:class', message: 'cannot change' });
  if (before.enabled && !after.enabled) {
    errors.push({ path: '/meta:immutableTags', message: 'a schema that is enabled for profiles stays enabled' });
  }
  const changed = snapshot.schemas.map((schema) => (schema.id === after.id ? after : schema));
  const [lookup, nextLookup] = [lookupIn(snapshot.schemas), lookupIn(changed)];
  for (const schema of changed.filter(({ id }) => dependsOn(id, after.id, snapshot.schemas))) {
    const old = schema.id === after.id ? before : schema;
    checkStillSound(schema, after, nextLookup);
    const faults = old.enabled
      ? additiveFaults({ document: old.document, lookup }, { document: schema.document, lookup: nextLookup })
      : [];
    errors.push(...faults, ...descriptorFaults(schema, snapshot.descriptors, nextLookup));
  }
  const isLost = lacksPrimary(after, { ...snapshot, schemas: changed });
  if (errors.length === 0 && isLost) throw noPrimaryIdentity();
  if (errors.length === 0) return;
  if (isLost) errors.push(primaryFault);
  throw problem('change-not-additive', {
    detail: 'Records rely on the schema, so it may only be added to; errors lists what the change takes away.',
    errors,
  });
}

function checkStillSound(schema: StoredSchema, changed: StoredSchema, lookup: SchemaLookup): void {
  if (schema.id === changed.id || schemaFaults(schema.document, lookup).length === 0) return;
  throw problem('schema-in-use', {
    detail: `The schema ${schema.id} refers to this one and would not be valid any more; change it first.`,
  });
}

function descriptorFaults(
  schema: StoredSchema,
  descriptors: readonly StoredDescriptor[],
  lookup: SchemaLookup,
): Fault[] {
  const own = descriptors.filter(({ schemaId }) => schemaId === schema.id);
  if (own.length === 0) return [];
  const fields = fieldsOf(schema, lookup);
  return own.flatMap(({ id, document }) => {
    const property = document['xdm:sourceProperty'] as string;
    const faults = sourceFaults(fields, property);
    return faults.map(({ message }) => ({ path: property, message: `${message}; delete the descriptor ${id} first` }));
  });
}

/** Whether a schema refers to another, directly or not; every schema does to itself. */
export function dependsOn(id: string, target: string, schemas: readonly StoredSchema[]): boolean {
  const lookup = lookupIn(schemas);
  const reached = new Set([id]);
  for (const next of reached) {
    if (next === target) return true;
    const document = lookup(next);
    if (document !== undefined) for (const reference of foreignReferences(document)) reached.add(reference);
  }
  return false;
}
