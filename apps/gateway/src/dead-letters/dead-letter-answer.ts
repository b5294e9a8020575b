import { isUtf8 } from 'node:buffer';
import { parseStamp, recordHeaders } from '@tessera/contracts';
import type { DeadLetterDocument } from '@tessera/stores';

/** A dead letter as operators see it. */
export function deadLetterAnswer(deadLetter: DeadLetterDocument) {
  const { _id: id, datasetId, reason, faults, headers, source, correction } = deadLetter;
  const stamp = parseStamp(headers.find(({ name }) => name === recordHeaders.stamp)?.value);
  return {
    id,
    datasetId,
    reason,
    faults,
    state: deadLetter.replay ? 'replaying' : 'waiting',
    record: recordAnswer(deadLetter.record),
    ...(correction && { correction: recordAnswer(correction) }),
    attempts: deadLetter.attempts,
    xactionId: stamp?.transactionId,
    requestId: stamp?.requestId,
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
