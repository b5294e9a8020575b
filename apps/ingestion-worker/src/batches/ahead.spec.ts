import fc from 'fast-check';
import { ahead } from './ahead.js';

/** Numbers from 0 on, and then perhaps a failure. */
async function* numbers(count: number, failure?: Error): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield await Promise.resolve(number);
  if (failure) throw failure;
}

/** Everything given before the end, and what was thrown there. */
async function taken<Result>(results: AsyncIterable<Result>): Promise<{ given: Result[]; thrown?: unknown }> {
  const given: Result[] = [];
  try {
    for await (const result of results) given.push(result);
    return { given };
  } catch (thrown) {
    return { given, thrown };
  }
}

/** Ends after as many turns of the event loop as are said. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('work ahead of its turn', () => {
  it('gives results in the order of the source, up to the first failure, however long each takes', async () => {
    const failure = new Error('no more');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { maxLength: 12 }),
        fc.option(fc.nat(12), { nil: undefined }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (durations, failing, sourceFails, atOnce) => {
          let underWay = 0;
          const work = async (number: number) => {
            underWay += 1;
            expect(underWay).toBeLessThanOrEqual(atOnce);
            await turns(durations[number] ?? 0);
            underWay -= 1;
            if (number === failing) throw failure;
            return number;
          };
          const source = numbers(durations.length, sourceFails ? failure : undefined);
          const { given, thrown } = await taken(ahead(source, atOnce, work));
          const workFails = failing !== undefined && failing < durations.length;
          expect(given).toEqual([...durations.keys()].slice(0, workFails ? failing : durations.length));
          expect(thrown).toBe(workFails || sourceFails ? failure : undefined);
          expect(underWay).toBe(0);
        },
      ),
    );
  });

  it('waits for what is under way, and ends the source, when its loop is left', async () => {
    let [underWay, ended] = [0, false];
    async function* source() {
      try {
        yield* numbers(10);
      } finally {
        ended = true;
      }
    }
    const work = async () => {
      underWay += 1;
      await turns(3);
      underWay -= 1;
    };
    for await (const _result of ahead(source(), 3, work)) break;
    expect({ underWay, ended }).toEqual({ underWay: 0, ended: true });
  });
});
