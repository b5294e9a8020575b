import { parseStamp, recordHeaders } from '@tessera/contracts';
import type { DeadLetterDocument } from '@tessera/stores';
import { recordAnswer } from './record-answer.js';

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
