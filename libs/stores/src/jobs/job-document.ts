import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';
import type { Job, NewJob } from './job.js';

/** A job, as stored. */
export interface JobDocument extends Omit<Job, 'id' | 'tenant' | 'properties'> {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  /** JSON text: stored as given, never interpreted. */
  readonly properties: string;
  /** Out of the properties, to sort by. */
  readonly datasetId?: string;
  /** Out of the properties, to sort by. */
  readonly batchId?: string;
  /** Whether a worker is still to do something; absent once it is final, which keeps the index of open work small. */
  readonly open?: true;
  /** Whether its command has not reached the broker, as far as is known. */
  readonly unpublished?: true;
  /** What no other open job of the sandbox may be about. */
  readonly exclusive?: string;
}

export const jobIndexes: readonly IndexDefinition[] = [
  { collection: 'jobs', key: { tenant: 1, createdAt: -1, _id: -1 } },
  { collection: 'jobs', key: { open: 1, _id: 1 }, options: { partialFilterExpression: { open: true } } },
  {
    collection: 'jobs',
    key: { tenant: 1, exclusive: 1 },
    options: { unique: true, partialFilterExpression: { exclusive: { $exists: true } } },
  },
  {
    collection: 'jobs',
    key: { unpublished: 1, createdAt: 1 },
    options: { partialFilterExpression: { unpublished: true } },
  },
];

export function newJobDocument(tenant: Tenant, { id, properties, ...job }: NewJob): JobDocument {
  return {
    _id: id,
    tenant: tenantKey(tenant),
    organisation: tenant.organisation,
    sandbox: tenant.sandbox,
    ...job,
    properties: JSON.stringify(properties),
    ...(typeof properties['datasetId'] === 'string' && { datasetId: properties['datasetId'] }),
    ...(typeof properties['batchId'] === 'string' && { batchId: properties['batchId'] }),
    status: 'NEW',
    progress: 0,
    metrics: {},
    updatedAt: job.createdAt,
    open: true,
    unpublished: true,
  };
}

export function toJob(document: JobDocument): Job {
  const { _id, organisation, sandbox, properties, open: _open, unpublished: _unpublished, ...named } = document;
  const { datasetId: _datasetId, batchId: _batchId, exclusive: _exclusive, ...job } = named;
  return { ...job, id: _id, tenant: { organisation, sandbox }, properties: JSON.parse(properties) as JsonObject };
}
