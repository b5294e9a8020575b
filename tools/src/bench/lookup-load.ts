import { setTimeout as delay } from 'node:timers/promises';
import { FastClient } from '../load/fast-client.js';
import type { Target } from './target.js';

const CONNECTIONS = 16;
/** Before delays count, connections are opened: those who ask every moment keep theirs. */
const LEAD_IN_SECONDS = 1;

export interface LookupResult {
  readonly perSecond: number;
  /** Milliseconds of each. */
  readonly delays: readonly number[];
}

/** Looks up as fast as the target answers, with 16 requests under way. */
export async function lookUpAtFullLoad(target: Target, nextPath: () => string, seconds: number): Promise<LookupResult> {
  const client = new FastClient(target.url, CONNECTIONS);
  const delays: number[] = [];
  const start = performance.now();
  const deadline = start + seconds * 1_000;
  const reader = async (): Promise<void> => {
    for (let sent = performance.now(); sent < deadline; sent = performance.now()) {
      await lookUp(client, target, nextPath());
      delays.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, reader));
  const perSecond = (1_000 * delays.length) / (performance.now() - start);
  client.close();
  return { perSecond, delays };
}

/**
 * Looks up at a fixed rate, whether or not answers keep up. A delay counts from the moment a lookup was due, so waiting
 * for a free connection is part of it; the timer behind it is good to about a millisecond.
 */
export async function lookUpAtRate(
  target: Target,
  nextPath: () => string,
  rate: number,
  seconds: number,
): Promise<LookupResult> {
  const client = new FastClient(target.url, 4 * CONNECTIONS);
  const leadIn = Math.floor(rate * LEAD_IN_SECONDS);
  const total = leadIn + Math.max(1, Math.floor(rate * seconds));
  // What outlives a request is kept small: the collector's pauses here would count as the target's.
  const delays = new Float64Array(total);
  const all = Promise.withResolvers<void>();
  let answered = 0;
  const start = performance.now();
  for (let index = 0; index < total; index++) {
    const due = start + (1_000 * index) / rate;
    while (performance.now() < due) await delay(1);
    lookUp(client, target, nextPath()).then(() => {
      delays[index] = performance.now() - due;
      answered += 1;
      if (answered === total) all.resolve();
    }, all.reject);
  }
  await all.promise;
  const perSecond = (1_000 * total) / (performance.now() - start);
  client.close();
  return { perSecond, delays: [...delays.subarray(leadIn)] };
}

async function lookUp(client: FastClient, target: Target, path: string): Promise<void> {
  const { status, text } = await client.send({ method: 'GET', path, headers: target.headers });
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 300)}`);
}
