import { setTimeout as delay } from 'node:timers/promises';
import type { CountersAnswer } from '../client/answers.js';
import type { TesseraClient } from '../client/tessera-client.js';

const POLL_MS = 25;
const STALLED_MS = 60_000;

/**
 * Waits until every one of `accepted` records of the sandbox has its outcome and no topic has a backlog, so that what
 * they say is applied and linked.
 *
 * @throws Error when nothing has moved for a minute.
 */
export async function waitUntilApplied(client: TesseraClient, accepted: number): Promise<CountersAnswer> {
  let last = '';
  let settledBefore = false;
  let movedAt = Date.now();
  for (;;) {
    const counters = await client.counters();
    const open = accepted - settledRecords(counters);
    const backlog = Object.values(counters.backlog).reduce((sum, messages) => sum + messages, 0);
    const settled = open <= 0 && backlog === 0;
    // The topics are read at once: only the second reading shows for certain what the last records led to.
    if (settled && settledBefore) return counters;
    settledBefore = settled;
    const state = `${open} of ${accepted} records have no outcome yet, ${backlog} messages wait in the topics`;
    if (state !== last) movedAt = Date.now();
    else if (Date.now() - movedAt > STALLED_MS) throw new Error(`nothing has moved for a minute: ${state}`);
    last = state;
    await delay(POLL_MS);
  }
}

/** Records that have an outcome. */
export function settledRecords({ totals }: CountersAnswer): number {
  return totals.applied + totals.duplicate + totals.deadLettered;
}
