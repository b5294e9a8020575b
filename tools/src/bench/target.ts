/** One of the two sides that are measured. Both take the same bodies. */
export interface Target {
  readonly name: 'baseline' | 'Tessera';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Path that takes one record. */
  readonly recordPath: string;
  /** Path that takes `{"messages": […]}`. */
  readonly batchPath: string;
  /** Path of a lookup of what an ingested record said, by its primary identity. */
  recordLookupPath(email: string): string;
  /** Path of a lookup of one of the people with five fragments, by identity number `part` of five. */
  profileLookupPath(person: string, part: number): string;
}

/** What is measured on both sides, in turns. */
export interface Sides {
  readonly baseline: Target;
  readonly tessera: Target;
}

/** The two in the order of their turns: the baseline goes first. */
export function inTurns({ baseline, tessera }: Sides): readonly [Target, Target] {
  return [baseline, tessera];
}
