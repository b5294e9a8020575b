import { recordHeaders, tenantKey, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
import { xidOf, type Acceptance } from '@tessera/domain';
import type { OutgoingMessage } from '@tessera/messaging';

/** What the gateway stamps on an accepted record. */
export interface Stamp {
  readonly tenant: Tenant;
  readonly transactionId: string;
  readonly acceptance: Acceptance;
  readonly requestId: string;
}

/** The message of one accepted record: its envelope as it came, and the stamp as headers. */
export function recordMessage(text: string, record: JsonObject, stamp: Stamp): OutgoingMessage {
  return {
    key: partitionKey(stamp.tenant, record, stamp.transactionId),
    value: text,
    headers: {
      [recordHeaders.organisation]: stamp.tenant.organisation,
      [recordHeaders.sandbox]: stamp.tenant.sandbox,
      [recordHeaders.acceptedAt]: String(stamp.acceptance.acceptedAt),
      [recordHeaders.position]: stamp.acceptance.position,
      [recordHeaders.transactionId]: stamp.transactionId,
      [recordHeaders.requestId]: stamp.requestId,
    },
  };
}

/**
 * Records of one primary identity go to one partition, so that one worker folds them. Which record is right never depends
 * on it, so a record whose identities are not in order, or leave the choice to the worker, may go anywhere.
 */
function partitionKey(tenant: Tenant, record: JsonObject, otherwise: string): string {
  const map = record['identityMap'];
  if (!isObject(map)) return otherwise;
  let first: string | undefined;
  for (const code of Object.keys(map)) {
    const items = map[code];
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      if (!isObject(item) || typeof item['id'] !== 'string') continue;
      if (item['primary'] === true) return keyOf(tenant, code, item['id']);
      first ??= keyOf(tenant, code, item['id']);
    }
  }
  return first ?? otherwise;
}

function keyOf(tenant: Tenant, code: string, id: string): string {
  return `${tenantKey(tenant)}/${xidOf(tenant, code, id)}`;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
