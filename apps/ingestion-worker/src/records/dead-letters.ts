import { tenantKey } from '@tessera/contracts';
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
