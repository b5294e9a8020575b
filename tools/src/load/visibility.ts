import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface VisibilityOptions {
  /** Records a second, sent on time whatever became of those before. */
  readonly rate: number;
  readonly records: number;
  /** Every how many-th record is watched until it is visible; 1 watches all. */
  readonly watchEvery: number;
  readonly send: (index: number) => Promise<void>;
  /** Whether a reader sees what record `index` said, or something newer. */
  readonly isVisible: (index: number) => Promise<boolean>;
}

const GIVE_UP_MS = 30_000;
/** Between two reads of a watched record: without it the watchers would be the load that is measured. */
const PAUSE_MS = 2;

/**
 * Milliseconds from sending a record to the end of the first read that shows it, for every watched record. The read's
 * own time is part of it, and so is a pause of 2 ms between reads: the figures err on the slow side.
 *
 * @throws Error when a record is not visible after 30 seconds, or a request fails.
 */
export async function measureVisibility(options: VisibilityOptions): Promise<number[]> {
  const start = performance.now();
  const pending: Promise<number | undefined>[] = [];
  const failures: unknown[] = [];
  for (let index = 0; index < options.records && failures.length === 0; index++) {
    const wait = start + (index * 1_000) / options.rate - performance.now();
    if (wait > 0) await delay(wait);
    const watched = index % options.watchEvery === 0;
    pending.push(
      sendAndWatch(options, index, watched).catch((error: unknown) => {
        failures.push(error);
        return undefined;
      }),
    );
  }
  const delays = await Promise.all(pending);
  if (failures.length > 0) throw failures[0];
  return delays.filter((value) => value !== undefined);
}

async function sendAndWatch(options: VisibilityOptions, index: number, watched: boolean): Promise<number | undefined> {
  const start = performance.now();
  await options.send(index);
  if (!watched) return undefined;
  while (!(await options.isVisible(index))) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error(`record ${index} was not visible after 30 seconds`);
    await delay(PAUSE_MS);
  }
  return performance.now() - start;
}
