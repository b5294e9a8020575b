import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../command/command.js';
import { halvesOf, textOf, type Body } from './body.js';
import type { Reply } from './destination.js';
import type { LoadSummary } from './load-summary.js';

const FIRST_WAIT_SECONDS = 0.2;
const LONGEST_WAIT_SECONDS = 15;

export interface DeliveryOptions {
  /** Sends a body once. */
  readonly send: (text: string) => Promise<Reply>;
  readonly summary: LoadSummary;
  /** How long one body is tried while there is no answer to it. Being told to slow down does not count. */
  readonly patienceSeconds: number;
  /** Aborted: what is under way is finished, what waits is given up. */
  readonly stopped: AbortSignal;
}

/**
 * Delivers one body: again and again while the gateway is busy or away, waiting as long as it asks and longer each time,
 * in halves when it is too large.
 *
 * @throws CommandError when it cannot be delivered; its rows stay unanswered.
 */
export async function deliver(body: Body, options: DeliveryOptions): Promise<void> {
  const { summary } = options;
  const reply = await reliably(textOf(body), options);
  if (reply.kind === 'too-large') {
    if (body.rows.length === 1) return summary.addRefused(body.rows[0] as number, '413: the record is too large');
    for (const half of halvesOf(body)) await deliver(half, options);
    return;
  }
  if (reply.responses.length !== body.rows.length) {
    throw new CommandError(`The gateway answered ${reply.responses.length} of ${body.rows.length} records.`);
  }
  reply.responses.forEach(({ xactionId, statusCode, message }, index) => {
    if (xactionId !== undefined) summary.accepted += 1;
    else summary.addRefused(body.rows[index] as number, `${statusCode}: ${message}`);
  });
}

type FinalReply = Extract<Reply, { kind: 'taken' | 'too-large' }>;

async function reliably(text: string, options: DeliveryOptions): Promise<FinalReply> {
  let awaySince: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    const reply = await options.send(text);
    if (reply.kind === 'taken' || reply.kind === 'too-large') return reply;
    if (reply.kind === 'slow-down') awaySince = undefined;
    else {
      awaySince ??= performance.now();
      const away = (performance.now() - awaySince) / 1_000;
      if (away >= options.patienceSeconds) {
        throw new CommandError(`The gateway has not taken records for ${Math.round(away)} s: ${reply.detail}.`);
      }
    }
    options.summary.repeats += 1;
    await wait(Math.max(reply.seconds, backOff(attempt)), options.stopped);
  }
}

/** Doubles up to a bound; a part of it is left to chance, so that several do not come back at the same moment. */
function backOff(attempt: number): number {
  const seconds = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(attempt, 10));
  return seconds * (0.75 + Math.random() / 2);
}

async function wait(seconds: number, stopped: AbortSignal): Promise<void> {
  try {
    await delay(seconds * 1_000, undefined, { signal: stopped });
  } catch {
    throw new CommandError('Stopped while the gateway asked to wait.');
  }
}
