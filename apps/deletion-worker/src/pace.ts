import { setTimeout as delay } from 'node:timers/promises';

export interface PaceOptions {
  /** Documents of one step at most. */
  readonly step: number;
  /** Milliseconds of rest after each step at least. */
  readonly pause: number;
}

/** Milliseconds that a step may take before the next ones are smaller, and below which they grow again. */
const LONG = 100;
const SHORT = 40;
/** Milliseconds of rest at most: a store that others keep busy for good must not stop deletions. */
const LONGEST_REST = 250;
/** Part of the largest step that the smallest one is. */
const SMALLEST = 1 / 4;

/**
 * How fast a process deletes. One step at a time, whatever the number of deletions, and after each a rest as long as the
 * step took: so at least half of the time the store has nothing to do with it. A store that answers slowly is asked for less
 * at once, and less often.
 */
export class Pace {
  private documents: number;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: PaceOptions) {
    this.documents = options.step;
  }

  /** Takes a step when the one before and its rest are over; it may concern about so many documents. */
  async step<Result>(work: (documents: number) => Promise<Result>): Promise<Result> {
    const before = this.turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.turn = promise;
    await before;
    const started = performance.now();
    try {
      return await work(this.documents);
    } finally {
      const took = performance.now() - started;
      this.adapt(took);
      void delay(Math.max(this.options.pause, Math.min(took, LONGEST_REST))).then(resolve);
    }
  }

  protected adapt(took: number): void {
    const { step } = this.options;
    if (took > LONG) this.documents = Math.max(Math.ceil(step * SMALLEST), Math.floor(this.documents / 2));
    else if (took < SHORT) this.documents = Math.min(step, Math.ceil(this.documents * 1.25));
  }
}
