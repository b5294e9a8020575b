/** Values of one query: MongoDB reads long `$in` lists well, but one command must stay far below 16 MiB. */
const SLICE = 1_000;

/** Asks a question about many values in several queries at a time, and puts the answers together. */
export async function inSlices<Value, Answer>(
  values: readonly Value[],
  ask: (some: Value[]) => Promise<Answer[]>,
  size = SLICE,
): Promise<Answer[]> {
  const slices: Value[][] = [];
  for (let from = 0; from < values.length; from += size) slices.push(values.slice(from, from + size));
  return (await Promise.all(slices.map(ask))).flat();
}
