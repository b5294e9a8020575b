import { hash } from 'node:crypto';
import { tenantKey } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';
import type { Batch, BatchFile } from './batch.js';

/** A batch, as stored. */
export interface BatchDocument extends Omit<Batch, 'id' | 'tenant' | 'tags'> {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  /** JSON text, since its keys are the client's. */
  readonly tags?: string;
  /** Registrations of uploads so far. Each writes here, so that none comes between a change of status and its reader. */
  readonly uploads: number;
}

/** A file of a batch, as stored. Workers keep their own fields about a file beside these. */
export interface BatchFileDocument extends BatchFile {
  /** {@link batchFileId}. */
  readonly _id: string;
  readonly tenant: string;
}

/** Paths are a client's and of any length, so the key holds their digest. */
export function batchFileId(batchId: string, path: string): string {
  return `${batchId}.${hash('sha256', path, 'base64url')}`;
}

export const batchIndexes: readonly IndexDefinition[] = [
  { collection: 'batches', key: { tenant: 1, datasetId: 1, created: -1, _id: -1 } },
  { collection: 'batches', key: { tenant: 1, created: -1, _id: -1 } },
  {
    collection: 'batches',
    key: { tenant: 1, externalId: 1 },
    options: { unique: true, partialFilterExpression: { externalId: { $exists: true } } },
  },
  {
    collection: 'batches',
    key: { tenant: 1, finishedAt: -1 },
    options: { partialFilterExpression: { status: 'success' } },
  },
  // For all tenants at once: whoever removes old files looks after all of them.
  {
    collection: 'batches',
    key: { filesRemovedAt: 1, finishedAt: 1 },
    options: { partialFilterExpression: { finishedAt: { $exists: true } } },
  },
  { collection: 'batch_files', key: { tenant: 1, batchId: 1, index: 1 } },
];

export function batchFrom(document: BatchDocument): Batch {
  const { _id, tenant: _tenant, organisation, sandbox, tags, uploads: _uploads, ...rest } = document;
  return {
    id: _id,
    tenant: { organisation, sandbox },
    ...rest,
    ...(tags !== undefined && { tags: JSON.parse(tags) as Record<string, readonly string[]> }),
  };
}

export function batchDocument(batch: Batch): BatchDocument {
  const { id, tenant, tags, ...rest } = batch;
  return {
    _id: id,
    tenant: tenantKey(tenant),
    ...tenant,
    ...rest,
    ...(tags !== undefined && { tags: JSON.stringify(tags) }),
    uploads: 0,
  };
}

export function fileFrom(document: BatchFileDocument): BatchFile {
  const { batchId, datasetId, path, index, size, total, parts, state } = document;
  return { batchId, datasetId, path, index, size, ...(total !== undefined && { total }), parts, state };
}
