import type { Sandbox } from '@tessera/http';
import type { StoredConnection } from '@tessera/stores';
import { SPECIFICATION_NAME } from './connection.schema.js';

/** Etags are shown quoted, as headers spell them (RFC 9110 §8.8.3). */
export function etagOf({ etag }: StoredConnection): string {
  return `"${etag}"`;
}

/** @param base address of the gateway as the client knows it, without a slash at its end. */
export function connectionAnswer(connection: StoredConnection, sandbox: Sandbox, base: string) {
  const { id, name, description, connectionSpec, params, inletId, createdAt, updatedAt, createdBy } = connection;
  const etag = etagOf(connection);
  return {
    id,
    name,
    description,
    connectionSpec,
    state: 'enabled',
    auth: { specName: SPECIFICATION_NAME, params: { ...params, inletUrl: `${base}/collection/${inletId}`, inletId } },
    version: etag,
    etag,
    createdAt,
    updatedAt,
    createdBy,
    imsOrgId: connection.tenant.organisation,
    sandboxId: sandbox.id,
    sandboxName: sandbox.name,
  };
}
