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
  return settled(async () => {
    const counters = await client.counters();
    const open = accepted - settledRecords(counters);
    const backlog = Object.values(counters.backlog).reduce((sum, messages) => sum + messages, 0);
    return {
      isSettled: open <= 0 && backlog === 0,
      state: `${open} of ${accepted} records have no outcome yet, ${backlog} messages wait in the topics`,
      answer: counters,
    };
  });
}

/**
 * Waits until no group of workers has anything left to do on any topic, whatever the messages are about: then the
 * machine is free.
 *
 * @throws Error when nothing has moved for a minute.
 */
export async function waitUntilIdle(client: TesseraClient): Promise<void> {
  await settled(async () => {
    const behind = (await client.lag()).groups.filter(({ messages }) => messages > 0);
    const state = behind.map(({ group, messages }) => `${group} has ${messages} messages to go`).join(', ');
    return { isSettled: behind.length === 0, state, answer: undefined };
  });
}

/** Records that have an outcome. */
export function settledRecords({ totals }: CountersAnswer): number {
  return totals.applied + totals.duplicate + totals.deadLettered;
}

interface Look<Answer> {
  readonly isSettled: boolean;
  /** In words, for whoever waits in vain. */
  readonly state: string;
  readonly answer: Answer;
}

async function settled<Answer>(look: () => Promise<Look<Answer>>): Promise<Answer> {
  let last = '';
  let settledBefore = false;
  let movedAt = Date.now();
  for (;;) {
    const { isSettled, state, answer } = await look();
    // The topics are read at once: only the second reading shows for certain what the last records led to.
    if (isSettled && settledBefore) return answer;
    settledBefore = isSettled;
    if (state !== last) movedAt = Date.now();
    else if (Date.now() - movedAt > STALLED_MS) throw new Error(`nothing has moved for a minute: ${state}`);
    last = state;
    await delay(POLL_MS);
  }
}
