import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { DeletionRequest } from './deletion-request.js';

interface DeletionRequestDocument extends Omit<DeletionRequest, 'id' | 'tenant'> {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  /** `NEW` until somebody works on it. */
  readonly status: 'NEW';
}

/** What was asked to be deleted. */
export class DeletionRequestStore {
  private readonly requests: Collection<DeletionRequestDocument>;

  constructor(database: Database) {
    this.requests = database.collection('deletion_requests');
  }

  /** Requests of a sandbox, oldest first. */
  async list(tenant: Tenant): Promise<DeletionRequest[]> {
    const found = this.requests.find({ tenant: tenantKey(tenant) }).sort({ acceptedAt: 1, _id: 1 });
    return (await available(found.toArray())).map(fromDocument);
  }

  /** Whether an earlier try of the same transaction recorded the request. */
  async has(tenant: Tenant, id: string, session: ClientSession): Promise<boolean> {
    return (await this.requests.findOne({ _id: id, tenant: tenantKey(tenant) }, { session })) !== null;
  }

  /** Records the request within the transaction that takes its subject out of sight. */
  async record({ id, tenant, ...request }: DeletionRequest, session: ClientSession): Promise<void> {
    const document = { _id: id, tenant: tenantKey(tenant), ...tenant, ...request, status: 'NEW' as const };
    await this.requests.insertOne(document, { session });
  }
}

function fromDocument(document: DeletionRequestDocument): DeletionRequest {
  const { _id, organisation, sandbox, subject, acceptedAt, requestedBy, requestId } = document;
  return { id: _id, tenant: { organisation, sandbox }, subject, acceptedAt, requestedBy, requestId };
}
