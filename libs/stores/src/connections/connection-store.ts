import { randomBytes, randomUUID } from 'node:crypto';
import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';
import type { ConnectionPlace, StoredConnection } from './connection.js';

interface ConnectionDocument extends Omit<StoredConnection, 'id' | 'tenant'> {
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
}

export const connectionIndexes: readonly IndexDefinition[] = [
  { collection: 'connections', key: { inletId: 1 }, options: { unique: true } },
  { collection: 'connections', key: { tenant: 1, createdAt: 1, _id: 1 } },
];

const INLET_BYTES = 32;

/** What the ingest path needs of connections. */
export interface ConnectionReader {
  /** The connection of an inlet, of whatever tenant: the inlet is what fixes the tenant. */
  findByInlet(inletId: string): Promise<StoredConnection | undefined>;
}

/** What is decided of a new connection from outside. */
export type NewConnection = Omit<StoredConnection, 'id' | 'tenant' | 'inletId' | 'etag' | 'createdAt' | 'updatedAt'>;

/** The streaming connections of sandboxes. */
export class ConnectionStore implements ConnectionReader {
  private readonly connections: Collection<ConnectionDocument>;

  constructor(database: Database) {
    this.connections = database.collection('connections');
  }

  async findByInlet(inletId: string): Promise<StoredConnection | undefined> {
    const found = await available(this.connections.findOne({ inletId }));
    return found ? fromDocument(found) : undefined;
  }

  async find(tenant: Tenant, id: string): Promise<StoredConnection | undefined> {
    const found = await available(this.connections.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return found ? fromDocument(found) : undefined;
  }

  /** Oldest first, those after a place. */
  async list(tenant: Tenant, after: ConnectionPlace | undefined, limit: number): Promise<StoredConnection[]> {
    const filter: Filter<ConnectionDocument> = { tenant: tenantKey(tenant) };
    if (after !== undefined) {
      const { createdAt, id } = after;
      filter.$or = [{ createdAt: { $gt: createdAt } }, { createdAt, _id: { $gt: id } }];
    }
    const found = this.connections.find(filter).sort({ createdAt: 1, _id: 1 }).limit(limit);
    return (await available(found.toArray())).map(fromDocument);
  }

  async create(tenant: Tenant, connection: NewConnection, now: number): Promise<StoredConnection> {
    const document: ConnectionDocument = {
      _id: randomUUID(),
      tenant: tenantKey(tenant),
      ...tenant,
      ...connection,
      inletId: randomBytes(INLET_BYTES).toString('hex'),
      etag: randomUUID(),
      createdAt: now,
      updatedAt: now,
    };
    await available(this.connections.insertOne(document));
    return fromDocument(document);
  }

  /** @returns the connection that was there. */
  async delete(tenant: Tenant, id: string): Promise<StoredConnection | undefined> {
    const found = await available(this.connections.findOneAndDelete({ _id: id, tenant: tenantKey(tenant) }));
    return found ? fromDocument(found) : undefined;
  }
}

function fromDocument(document: ConnectionDocument): StoredConnection {
  const { _id, organisation, sandbox, name, description, connectionSpec, params } = document;
  const { inletId, etag, createdAt, updatedAt, createdBy } = document;
  return {
    id: _id,
    tenant: { organisation, sandbox },
    name,
    ...(description !== undefined && { description }),
    connectionSpec,
    params,
    inletId,
    etag,
    createdAt,
    updatedAt,
    createdBy,
  };
}
