/** What a selector selects: by name, the whole subtree or a selection of it (spec 10-projections, "Selector grammar"). */
export interface Selector {
  /** Never empty. */
  readonly fields: ReadonlyMap<string, Selector | 'whole'>;
}

/** Bounds of a selector, far beyond what a record can have (spec 02-conventions, "Limits"). */
export const selectorLimits = { maxLength: 20_000, maxDepth: 64 } as const;

/** A selector that cannot be read. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';

  /**
   * @param column where the fault is, counted in UTF-16 code units from 1.
   * @param fault what is wrong there and what to do about it.
   */
  constructor(
    readonly column: number,
    readonly fault: string,
  ) {
    super(`column ${column}: ${fault}`);
  }
}
