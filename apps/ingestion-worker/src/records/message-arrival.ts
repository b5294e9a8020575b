import { isUtf8 } from 'node:buffer';
import {
  parseStamp,
  recordHeaders,
  type DeadLetterReason,
  type Fault,
  type JsonValue,
  type Tenant,
} from '@tessera/contracts';
import {
  asEnvelope,
  envelopeFaults,
  namedDataset,
  organisationFaults,
  topicPosition,
  type Acceptance,
} from '@tessera/domain';
import type { IncomingMessage } from '@tessera/messaging';
import type { UnreadArrival } from './arrival.js';

/** A record that a message of the record topic carries. */
export interface MessageArrival extends UnreadArrival {
  readonly message: IncomingMessage;
}

/** A message that goes no further. Dataset as far as it says, tenant as far as there is one of that name. */
export interface Rejection {
  readonly message: IncomingMessage;
  readonly tenant?: Tenant;
  readonly datasetId?: string;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
}

/**
 * Reads a message of the record topic. Everything that decides comes from the message: what the gateway stamped on it, or
 * for other producers the broker's own timestamp and offset.
 */
export function readArrival(message: IncomingMessage, maxBytes: number): MessageArrival | Rejection {
  const tenant = tenantOf(message);
  const reject = (reason: DeadLetterReason, faults: readonly Fault[], value?: JsonValue): Rejection => {
    const datasetId = namedDataset(value);
    return { message, ...(tenant && { tenant }), ...(datasetId !== undefined && { datasetId }), reason, faults };
  };
  const value = parse(message.value);
  if (!tenant) {
    const path = `headers ${recordHeaders.organisation} and ${recordHeaders.sandbox}`;
    return reject('unknown-tenant', [{ path: '', message: `the ${path} must name the tenant` }], value);
  }
  if (message.value.length > maxBytes) {
    const tooLarge = `${message.value.length} bytes; at most ${maxBytes} are taken`;
    return reject('too-large', [{ path: '', message: tooLarge }], value);
  }
  if (value === undefined) return reject('malformed-message', [{ path: '', message: 'is not JSON in UTF-8' }]);
  const faults = [...envelopeFaults(value), ...organisationFaults(value, tenant.organisation)];
  if (faults.length > 0) return reject('malformed-message', faults, value);
  const envelope = asEnvelope(value);
  const batchId = message.header(recordHeaders.batchId);
  return {
    message,
    tenant,
    datasetId: envelope.header.datasetId,
    operation: envelope.header.operations?.data ?? 'create',
    entity: envelope.body.xdmEntity,
    acceptance: acceptanceOf(message),
    envelope,
    ...(batchId !== undefined && { batchId }),
  };
}

/** Distinguishes what {@link readArrival} returns. */
export function isRejection(read: MessageArrival | Rejection): read is Rejection {
  return 'reason' in read;
}

/** The opposite of {@link isRejection}. */
export function isArrival(read: MessageArrival | Rejection): read is MessageArrival {
  return !isRejection(read);
}

/** When and in which place a message was accepted. */
export function acceptanceOf(message: IncomingMessage): Acceptance {
  return (
    parseStamp(message.header(recordHeaders.stamp)) ?? {
      acceptedAt: message.timestamp,
      position: topicPosition(message.partition, message.offset),
    }
  );
}

/** The tenant a message names, if it names one. */
export function tenantOf(message: IncomingMessage): Tenant | undefined {
  const organisation = message.header(recordHeaders.organisation);
  const sandbox = message.header(recordHeaders.sandbox);
  return organisation && sandbox ? { organisation, sandbox } : undefined;
}

function parse(bytes: Buffer): JsonValue | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}
