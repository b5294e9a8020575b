import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Milliseconds after which the last failure is thrown; 10 seconds when not said. */
  readonly timeout?: number;
  /** Milliseconds between two tries. */
  readonly interval?: number;
}

/**
 * Repeats `assertion` until it does not throw, and gives back its result.
 *
 * @throws what the last try threw, once the time is over.
 */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  { timeout = 10_000, interval = 25 }: EventuallyOptions = {},
): Promise<Result> {
  const deadline = Date.now() + timeout;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(interval);
  }
}
