import { setTimeout as after } from 'node:timers/promises';
import { UnavailableError } from '@tessera/contracts';

/** Milliseconds a request waits for a source that does not answer while something is held. */
export const PATIENCE_MS = 100;

/** @throws UnavailableError after so many milliseconds; the work goes on. */
export async function within<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  const stopWaiting = new AbortController();
  const slow = after(milliseconds, undefined, { signal: stopWaiting.signal }).then(() => {
    throw new UnavailableError('mongodb', new Error(`no answer within ${milliseconds} ms`));
  });
  try {
    return await Promise.race([work, slow]);
  } finally {
    stopWaiting.abort();
    slow.catch(() => undefined);
    work.catch(() => undefined);
  }
}
