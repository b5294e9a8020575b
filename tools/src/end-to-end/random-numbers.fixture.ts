/** Repeatable chance: the same seed gives the same numbers. */
export interface RandomNumbers {
  /** A whole number from 0 up to but not including `bound`. */
  below(bound: number): number;
  shuffled<T>(items: readonly T[]): T[];
}

/** Mulberry32: small, fast, and good enough to scatter test data. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed;
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
  const shuffled = <T>(items: readonly T[]): T[] => {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last -= 1) {
      const other = below(last + 1);
      [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
    }
    return copy;
  };
  return { below, shuffled };
}
