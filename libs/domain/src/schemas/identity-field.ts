import type { Fault, JsonObject } from '@tessera/contracts';
import type { FieldType } from './field-type.js';

/** A field whose value is an identity, as an identity descriptor says. */
export interface IdentityField {
  /** Names from the record down to the field. */
  readonly steps: readonly string[];
  /** Namespace code, as registered. */
  readonly namespace: string;
  readonly isPrimary: boolean;
}

/** The type of descriptors the platform knows (spec 03-ingestion, "Schemas"). */
export const IDENTITY_DESCRIPTOR = 'xdm:descriptorIdentity';

/** The names a descriptor's source property is made of: a path such as `/personalEmail/address`. */
export function sourceSteps(property: string): string[] {
  return property
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whether a descriptor's source property is a path at all, whatever the schema. */
export function isSourcePath(property: string): boolean {
  return property.startsWith('/') && property.length > 1;
}

/** What keeps the field at a path ({@link isSourcePath}) from being an identity. */
export function sourceFaults(fields: FieldType, property: string): Fault[] {
  const path = '/xdm:sourceProperty';
  const type = fields.at(sourceSteps(property));
  if (type === undefined) return [{ path, message: 'is not a field of the schema' }];
  if (type.types?.size !== 1 || !type.types.has('string')) {
    return [{ path, message: 'is not a string in the schema; identities are strings' }];
  }
  return [];
}

/** Whether a schema has the field `identityMap`, in which records state identities of any namespace. */
export function hasIdentityMap(fields: FieldType): boolean {
  return fields.declared('identityMap') !== undefined;
}

/** An identity descriptor as the registry keeps it. */
export function identityFieldOf(descriptor: JsonObject, namespace: string): IdentityField {
  return {
    steps: sourceSteps(descriptor['xdm:sourceProperty'] as string),
    namespace,
    isPrimary: descriptor['xdm:isPrimary'] === true,
  };
}
