import {
  parseStamp,
  recordHeaders,
  tenantKey,
  type Fault,
  type RejectionNotice,
  type Replay,
} from '@tessera/contracts';
import type { OutgoingMessage } from '@tessera/messaging';
import { deadLetterId, type DeadLetterDocument } from '@tessera/stores';
import { acceptanceOf, type Rejection } from './message-arrival.js';

const MILLISECONDS_PER_DAY = 86_400_000;

/** The dead letter of a rejected record: everything needed to list, mend and replay it. */
export function toDeadLetter(
  rejection: Rejection,
  topic: string,
  retentionDays: number,
  now: Date,
): DeadLetterDocument {
  const { message, tenant, datasetId = '', reason, faults } = rejection;
  const source = { topic, partition: message.partition, offset: message.offset };
  return {
    _id: deadLetterId(source, message.timestamp),
    tenant: tenant ? tenantKey(tenant) : '',
    datasetId,
    reason,
    faults,
    record: message.value,
    headers: message.headers(),
    source,
    acceptedAt: new Date(acceptanceOf(message).acceptedAt),
    firstAttempt: now,
    lastAttempt: now,
    attempts: 1,
    expireAt: expiryOf(retentionDays, now),
  };
}

/** When a dead letter that was last tried now is forgotten. */
export function expiryOf(retentionDays: number, now: Date): Date {
  return new Date(now.getTime() + retentionDays * MILLISECONDS_PER_DAY);
}

/** Faults of a notice, and characters of each: the dead letter has all, and a notice must fit on its topic. */
const MOST_FAULTS = 20;
const MOST_CHARACTERS = 500;

/** What is published about a rejected record, for producers that write to the topic themselves. */
export function rejectionNotice(rejection: Rejection, topic: string, replay: Replay | undefined): OutgoingMessage {
  const { message, datasetId, reason, faults } = rejection;
  const source = { topic, partition: message.partition, offset: message.offset };
  // As the message names them, also where there is no such sandbox: a producer looks for its own.
  const organisation = message.header(recordHeaders.organisation);
  const sandbox = message.header(recordHeaders.sandbox);
  const stamp = parseStamp(message.header(recordHeaders.stamp));
  const notice: RejectionNotice = {
    deadLetterId: replay?.deadLetterId ?? deadLetterId(source, message.timestamp),
    ...(organisation && { organisation: shortened(organisation) }),
    ...(sandbox && { sandbox: shortened(sandbox) }),
    ...(datasetId !== undefined && { datasetId: shortened(datasetId) }),
    reason,
    faults: faults.slice(0, MOST_FAULTS).map(({ path, message: text }): Fault => {
      return { path: shortened(path), message: shortened(text) };
    }),
    source,
    acceptedAt: acceptanceOf(message).acceptedAt,
    ...(stamp && { transactionId: stamp.transactionId }),
  };
  return { ...(message.key !== undefined && { key: message.key }), value: JSON.stringify(notice) };
}

function shortened(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
