/** Units of work that checking one record may take; some 100 ms, a hundred times what a large record needs. */
const UNITS = 1_000_000;

/** Thrown out of a check that takes too much work. */
export class WorkExceeded extends Error {
  override readonly name = 'WorkExceeded';
}

/**
 * Bounds the work of checking one record, whatever schema and record do together: schemas that fan out, patterns run over
 * long texts. A unit is about one subschema looked at, or {@link CHARACTER_STEPS} steps of a pattern.
 */
export class WorkBudget {
  /** Counted down in compiled code as well. */
  left = UNITS;
  readonly exceeded = new WorkExceeded('checking the record takes too much work');

  renew(): void {
    this.left = UNITS;
  }

  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw this.exceeded;
  }
}

/** Steps of a pattern's automaton, each on one character, that cost one unit. */
export const CHARACTER_STEPS = 128;
