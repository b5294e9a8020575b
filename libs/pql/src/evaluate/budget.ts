/** An evaluation that took too much work. What it was asked has no answer; the worker goes on. */
export class PqlLimitError extends Error {
  override readonly name = 'PqlLimitError';
}

export interface Limits {
  /** Steps of one evaluation: about one for each part of the expression it looks at, for each element. */
  readonly steps: number;
  /** Milliseconds of one evaluation. */
  readonly milliseconds: number;
}

export const defaultLimits: Limits = { steps: 1_000_000, milliseconds: 80 };

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 2_000;

/** What an evaluation may still spend. */
export class Budget {
  private steps: number;
  private untilLook = STEPS_PER_LOOK;
  private readonly deadline: number;

  constructor({ steps, milliseconds }: Limits = defaultLimits) {
    this.steps = steps;
    this.deadline = performance.now() + milliseconds;
  }

  /** @throws PqlLimitError when the steps or the time are used up. Called before the work is done. */
  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw new PqlLimitError('the expression takes too many steps');
    this.untilLook -= steps;
    if (this.untilLook > 0) return;
    this.untilLook = STEPS_PER_LOOK;
    if (performance.now() > this.deadline) throw new PqlLimitError('the expression takes too long');
  }
}
