import type { Fault, JsonObject } from '@tessera/contracts';
import { builtInUnionParts, resolvedSchema, typeConflicts } from '@tessera/domain';
import { problem } from '@tessera/http';
import type { StoredSchema } from '@tessera/stores';
import { dependsOn, lookupIn } from './registry-rules.js';

/**
 * Checks that a schema that is new or changed, and every schema that refers to it, gives no field another type than the union
 * of its class does. Conflicts that were there before are no fault of the change: nobody could mend them, for enabled
 * schemas are only added to.
 *
 * @param before the sandbox's schemas without the change.
 * @param after those with it.
 * @throws ProblemError `union-conflict` with every field.
 */
export function checkUnion(
  changed: StoredSchema,
  before: readonly StoredSchema[],
  after: readonly StoredSchema[],
): void {
  const errors = after
    .filter(({ id, enabled }) => enabled && dependsOn(id, changed.id, after))
    .flatMap((schema) => {
      const conflicts = conflictsOf(schema, after);
      const old = conflicts.length === 0 ? undefined : before.find(({ id }) => id === schema.id);
      const known = new Set(old?.enabled ? conflictsOf(old, before).map(textOf) : []);
      const fresh = conflicts.filter((conflict) => !known.has(textOf(conflict)));
      return schema.id === changed.id ? fresh : fresh.map((fault) => ofAnother(schema, fault));
    });
  if (errors.length === 0) return;
  throw problem('union-conflict', {
    detail:
      'A field has one type in the union of all schemas of the class that are enabled for profiles; errors lists the fields that another schema gives another type.',
    errors,
  });
}

/** Each field of an enabled schema that has another type in another part of its union, with the first such part. */
function conflictsOf(schema: StoredSchema, schemas: readonly StoredSchema[]): Fault[] {
  const lookup = lookupIn(schemas);
  const others = schemas.filter(
    ({ id, enabled, classId }) => enabled && classId === schema.classId && id !== schema.id,
  );
  const resolved = resolvedSchema(schema.document, lookup);
  const found = new Map<string, Fault>();
  for (const other of [...builtInUnionParts(schema.classId), ...others.map(({ document }) => document)]) {
    for (const { path, type, otherType } of typeConflicts(resolved, resolvedSchema(other, lookup))) {
      const message = `is ${type}, and ${otherType} in the schema ${nameOf(other)}`;
      if (!found.has(path)) found.set(path, { path, message });
    }
  }
  return [...found.values()];
}

function ofAnother(schema: StoredSchema, { path, message }: Fault): Fault {
  return { path, message: `of the schema ${nameOf(schema.document)}, which refers to this one, ${message}` };
}

function nameOf({ $id, title }: JsonObject): string {
  return `${$id as string} ("${title as string}")`;
}

function textOf({ path, message }: Fault): string {
  return `${path} ${message}`;
}
