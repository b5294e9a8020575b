import { setTimeout as delay } from 'node:timers/promises';

export interface UntilSucceedsOptions {
  readonly onFailure: (error: unknown) => void;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** Milliseconds between two attempts. */
  readonly interval?: number;
}

/**
 * Repeats a step of a service's start until what it depends on is there, so that services and servers may start in any
 * order.
 *
 * @returns whether the step succeeded before the signal.
 */
export async function untilSucceeds(step: () => Promise<unknown>, options: UntilSucceedsOptions): Promise<boolean> {
  while (!options.signal.aborted) {
    try {
      await step();
      return true;
    } catch (error) {
      options.onFailure(error);
    }
    await delay(options.interval ?? 1_000, undefined, { signal: options.signal }).catch(() => undefined);
  }
  return false;
}
