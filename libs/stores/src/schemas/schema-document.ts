import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';
import type { StoredDescriptor, StoredSchema } from './stored-schema.js';

/** A schema as stored: the client's part is JSON text, since its keys begin with `$` and hold dots. */
export interface SchemaDocument extends Omit<StoredSchema, 'id' | 'tenant' | 'document'> {
  readonly _id: string;
  readonly tenant: string;
  readonly body: string;
}

/** A descriptor as stored. */
export interface DescriptorDocument extends Omit<StoredDescriptor, 'id' | 'tenant' | 'document'> {
  readonly _id: string;
  readonly tenant: string;
  readonly body: string;
}

/** Serialises the changes of one sandbox, and tells readers that there was one. */
export interface RegistryDocument {
  /** {@link tenantKey}. */
  readonly _id: string;
  readonly tenant: string;
  readonly revision: number;
  /** Made up for each change, by which one whose answer was lost knows itself again. */
  readonly lastChange: string;
}

export const schemaIndexes: readonly IndexDefinition[] = [
  { collection: 'schemas', key: { tenant: 1, created: 1 } },
  { collection: 'schemas', key: { altId: 1 }, options: { unique: true } },
  { collection: 'schema_descriptors', key: { tenant: 1, created: 1 } },
  { collection: 'schema_descriptors', key: { tenant: 1, schemaId: 1 } },
];

export function fromSchemaDocument(tenant: Tenant, { _id, body, ...rest }: SchemaDocument): StoredSchema {
  return { ...rest, id: _id, tenant, document: JSON.parse(body) as JsonObject };
}

export function toSchemaDocument({ id, tenant, document, ...rest }: StoredSchema): SchemaDocument {
  return { _id: id, ...rest, tenant: tenantKey(tenant), body: JSON.stringify(document) };
}

export function fromDescriptorDocument(tenant: Tenant, { _id, body, ...rest }: DescriptorDocument): StoredDescriptor {
  return { ...rest, id: _id, tenant, document: JSON.parse(body) as JsonObject };
}

export function toDescriptorDocument({ id, tenant, document, ...rest }: StoredDescriptor): DescriptorDocument {
  return { _id: id, ...rest, tenant: tenantKey(tenant), body: JSON.stringify(document) };
}
