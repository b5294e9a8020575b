import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between two breaks. */
const MOST_MS = 15;

/** Lets long work of many small pieces give way to whatever else the process has to do. */
export class Breaks {
  private since = performance.now();

  /** To be called after each piece; at once unless it has gone on for long. */
  async giveWay(): Promise<void> {
    if (performance.now() - this.since < MOST_MS) return;
    await setImmediate();
    this.since = performance.now();
  }
}
