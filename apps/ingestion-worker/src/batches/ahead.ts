/**
 * Works on what comes from a source, some at a time, and gives the results in the order of the source: the next are begun
 * while those before them are under way, `atOnce` at most.
 *
 * A failure, of the source or of work, is thrown in its place: the results before it are given first, none after it. Whoever
 * leaves the loop waits for what is under way, so that nothing goes on behind anybody's back.
 */
export async function* ahead<Input, Result>(
  source: AsyncIterable<Input>,
  atOnce: number,
  work: (input: Input) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const read of withFailure(source)) {
      const working = 'error' in read ? Promise.reject<Result>(read.error) : work(read.input);
      working.catch(() => undefined); // Noticed when its turn comes.
      underWay.push(working);
      if (underWay.length >= atOnce) yield await (underWay.shift() as Promise<Result>);
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** What a source gives, and at the end why it gives no more, if it failed. */
async function* withFailure<Input>(
  source: AsyncIterable<Input>,
): AsyncGenerator<{ readonly input: Input } | { readonly error: Error }, void, undefined> {
  try {
    for await (const input of source) yield { input };
  } catch (error) {
    yield { error: error as Error };
  }
}
