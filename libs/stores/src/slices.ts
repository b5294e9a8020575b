/** Values of one query: MongoDB reads long `$in` lists well, but one command must stay far below 16 MiB. */
const SLICE = 1_000;

/** Asks a question about many values in several queries at a time, and puts the answers together. */
export async function inSlices<Value, Answer>(
  values: readonly Value[],
  ask: (some: Value[]) => Promise<Answer[]>,
  size = SLICE,
): Promise<Answer[]> {
  return (await Promise.all(slicesOf(values, size).map(ask))).flat();
}

/** Values in their order, some at a time. */
export function slicesOf<Value>(values: readonly Value[], size: number): Value[][] {
  const slices: Value[][] = [];
  for (let from = 0; from < values.length; from += size) slices.push(values.slice(from, from + size));
  return slices;
}
