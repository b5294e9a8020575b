import { median } from '../load/percentile.js';

/**
 * Times several kinds of work one at a time, in turns, so that whatever else the machine does falls on all of them.
 *
 * @returns the median milliseconds of each, under its name.
 */
export async function takeTurns<Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  options: { readonly warmUp: number; readonly turns: number },
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const delays = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = -options.warmUp; turn < options.turns; turn++) {
    for (const name of names) {
      const start = performance.now();
      await works[name]();
      if (turn >= 0) delays[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(delays[name])])) as Record<Name, number>;
}
