import { formatStamp, recordHeaders, type JsonObject, type Tenant } from '@tessera/contracts';
import { partitionKey, type Acceptance } from '@tessera/domain';
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
    key: partitionKey(tenant, record) ?? transactionId,
    value: text,
    headers: {
      [recordHeaders.organisation]: tenant.organisation,
      [recordHeaders.sandbox]: tenant.sandbox,
      [recordHeaders.stamp]: formatStamp({ ...acceptance, transactionId, requestId }),
    },
  };
}
