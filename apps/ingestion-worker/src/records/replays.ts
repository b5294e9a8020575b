import { parseReplay, recordHeaders, tenantKey, type Outcome, type Replay } from '@tessera/contracts';
import type { IncomingMessage } from '@tessera/messaging';
import type { DeadLetterReplays, RejectedReplay } from '@tessera/stores';
import { expiryOf } from './dead-letters.js';
import { tenantOf, type Rejection } from './message-arrival.js';

/** Those of some messages that try dead letters again. */
export interface ReplayedMessages {
  readonly all: ReadonlyMap<IncomingMessage, Replay>;
  /** Their dead letters are done with, or have a later replay. */
  readonly overtaken: ReadonlySet<IncomingMessage>;
}

/** Finds replays among messages; one query, and none where there are no replays. @throws UnavailableError */
export async function replaysAmong(
  messages: readonly IncomingMessage[],
  deadLetters: DeadLetterReplays,
): Promise<ReplayedMessages> {
  const all = new Map<IncomingMessage, Replay & { readonly tenant: string }>();
  for (const message of messages) {
    const replay = parseReplay(message.header(recordHeaders.replay));
    const tenant = tenantOf(message);
    if (replay) all.set(message, { ...replay, tenant: tenant ? tenantKey(tenant) : '' });
  }
  const current = await deadLetters.current(all);
  return { all, overtaken: new Set([...all.keys()].filter((message) => !current.has(message))) };
}

/** What replays were applied, by the outcomes of their messages. */
export function appliedReplays(
  { all, overtaken }: ReplayedMessages,
  outcomes: ReadonlyMap<IncomingMessage, Outcome>,
): Replay[] {
  return [...all]
    .filter(([message]) => !overtaken.has(message) && outcomes.get(message)?.kind !== 'dead-letter')
    .map(([, { deadLetterId, token }]) => ({ deadLetterId, token }));
}

/** A replay whose record failed again. */
export function rejectedReplay(
  { deadLetterId, token }: Replay,
  { message, datasetId = '', reason, faults }: Rejection,
  retentionDays: number,
  now: Date,
): RejectedReplay {
  const expireAt = expiryOf(retentionDays, now);
  return { deadLetterId, token, datasetId, reason, faults, record: message.value, lastAttempt: now, expireAt };
}
