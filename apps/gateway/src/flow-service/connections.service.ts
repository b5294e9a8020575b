import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { encodePageToken, pageTokenReader, problem, type ProblemError, type Requester } from '@tessera/http';
import { ConnectionStore, type ConnectionPlace, type NewConnection, type StoredConnection } from '@tessera/stores';
import { InletDirectory } from './inlet-directory.js';

/** A body that matches `connectionBodySchema`. */
export interface ConnectionBody extends Pick<NewConnection, 'name' | 'description' | 'connectionSpec'> {
  readonly auth: {
    readonly params: Omit<NewConnection['params'], 'authenticationRequired'> & {
      readonly authenticationRequired?: boolean;
    };
  };
}

export interface ConnectionPage {
  readonly connections: readonly StoredConnection[];
  /** Token of the next page; absent on the last. */
  readonly next?: string;
}

const readToken = pageTokenReader<ConnectionPlace>({
  type: 'object',
  required: ['createdAt', 'id'],
  properties: { createdAt: { type: 'integer' }, id: { type: 'string' } },
});

/** Streaming connections of a sandbox (spec 03-ingestion, "Streaming"). */
@Injectable()
export class ConnectionsService {
  constructor(
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(InletDirectory) private readonly inlets: InletDirectory,
  ) {}

  create({ tenant, clientId }: Requester, body: ConnectionBody): Promise<StoredConnection> {
    const { name, description, connectionSpec, auth } = body;
    const { id, version } = connectionSpec;
    const { name: label, sourceId, dataType, authenticationRequired = true } = auth.params;
    const connection: NewConnection = {
      name,
      ...(description !== undefined && { description }),
      connectionSpec: { id, ...(version !== undefined && { version }) },
      params: {
        ...(label !== undefined && { name: label }),
        ...(sourceId !== undefined && { sourceId }),
        dataType,
        authenticationRequired,
      },
      createdBy: clientId,
    };
    return this.connections.create(tenant, connection, Date.now());
  }

  /** @throws ProblemError `unknown-connection`. */
  async get(tenant: Tenant, id: string): Promise<StoredConnection> {
    const connection = await this.connections.find(tenant, id);
    if (connection === undefined) throw unknownConnection(id);
    return connection;
  }

  /** @throws ProblemError `invalid-page-token`. */
  async list(tenant: Tenant, limit: number, token: string | undefined): Promise<ConnectionPage> {
    const after = token === undefined ? undefined : readToken(token);
    const found = await this.connections.list(tenant, after, limit + 1);
    const connections = found.slice(0, limit);
    const last = connections.at(-1);
    if (found.length <= limit || last === undefined) return { connections };
    return { connections, next: encodePageToken({ createdAt: last.createdAt, id: last.id }) };
  }

  /** @throws ProblemError `unknown-connection`. */
  async remove(tenant: Tenant, id: string): Promise<void> {
    const removed = await this.connections.delete(tenant, id);
    if (removed === undefined) throw unknownConnection(id);
    this.inlets.forget(removed.inletId);
  }
}

function unknownConnection(id: string): ProblemError {
  return problem('unknown-connection', { detail: `The sandbox has no connection ${id.slice(0, 256)}.` });
}
