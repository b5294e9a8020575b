import { isUtf8 } from 'node:buffer';
import { recordHeaders } from '@tessera/contracts';
import type { DeadLetterDocument } from '@tessera/stores';

/** A dead letter as operators see it. */
export function deadLetterAnswer(deadLetter: DeadLetterDocument) {
  const { _id: id, datasetId, reason, faults, headers, source } = deadLetter;
  const header = (name: string) => headers.find((one) => one.name === name)?.value;
  return {
    id,
    datasetId,
    reason,
    faults,
    record: recordAnswer(deadLetter.record),
    xactionId: header(recordHeaders.transactionId),
    requestId: header(recordHeaders.requestId),
    source,
    acceptedAt: deadLetter.acceptedAt.toISOString(),
    firstAttempt: deadLetter.firstAttempt.toISOString(),
    lastAttempt: deadLetter.lastAttempt.toISOString(),
    keptUntil: deadLetter.expireAt.toISOString(),
  };
}

/** The record as JSON where it is some, else as text, else its bytes in base64. */
function recordAnswer(bytes: Buffer): { json: unknown } | { text: string } | { base64: string } {
  if (!isUtf8(bytes)) return { base64: bytes.toString('base64') };
  const text = bytes.toString('utf8');
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return { text };
  }
}
