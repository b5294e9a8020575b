import type { IndexDefinition } from '../indexes.js';
import { tenantKey } from '@tessera/contracts';
import type { StoredDataset } from './dataset.js';

/** A dataset, as stored. Free-form parts are JSON text, since their keys are the client's. */
export interface DatasetDocument extends Omit<StoredDataset, 'id' | 'tenant' | 'tags' | 'fileDescription'> {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  /** JSON text. */
  readonly tags: string;
  /** JSON text. */
  readonly fileDescription?: string;
}

export const datasetIndexes: readonly IndexDefinition[] = [
  { collection: 'datasets', key: { tenant: 1, name: 1 }, options: { unique: true } },
  {
    collection: 'datasets',
    key: { tenant: 1, 'expiry.milliseconds': 1 },
    options: { partialFilterExpression: { 'expiry.milliseconds': { $exists: true } } },
  },
];

export function fromDocument(document: DatasetDocument): StoredDataset {
  const { _id, organisation, sandbox, name, description, schemaRef, tags, fileDescription, rules } = document;
  const { switches, expiry, created, updated, version, createdUser } = document;
  return {
    id: _id,
    tenant: { organisation, sandbox },
    name,
    ...(description !== undefined && { description }),
    schemaRef,
    tags: JSON.parse(tags) as StoredDataset['tags'],
    ...(fileDescription !== undefined && {
      fileDescription: JSON.parse(fileDescription) as Record<string, unknown>,
    }),
    rules,
    ...(switches && { switches }),
    ...(expiry && { expiry }),
    created,
    updated,
    version,
    createdUser,
  };
}

export function toDocument(dataset: StoredDataset): DatasetDocument {
  const { id, tenant, tags, fileDescription, ...rest } = dataset;
  return {
    _id: id,
    tenant: tenantKey(tenant),
    ...tenant,
    ...rest,
    tags: JSON.stringify(tags),
    ...(fileDescription !== undefined && { fileDescription: JSON.stringify(fileDescription) }),
  };
}
