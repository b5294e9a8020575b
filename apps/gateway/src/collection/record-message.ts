import { formatStamp, recordHeaders, type JsonObject, type JsonValue, type Tenant } from '@tessera/contracts';
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
  const { tenant, acceptance, transactionId, requestId } = stamp;
  return {
    key: partitionKey(tenant, record, transactionId),
    value: text,
    headers: {
      [recordHeaders.organisation]: tenant.organisation,
      [recordHeaders.sandbox]: tenant.sandbox,
      [recordHeaders.stamp]: formatStamp({ ...acceptance, transactionId, requestId }),
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
      if (item['primary'] === true) return xidOf(tenant, code, item['id']);
      first ??= xidOf(tenant, code, item['id']);
    }
  }
  return first ?? otherwise;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
