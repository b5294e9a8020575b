import { setImmediate } from 'node:timers/promises';
import { JoinedReads, type JoinedReadsOptions } from './joined-reads.js';

/** Reads that end when told, and what each was asked for. */
function controlledReads(options: JoinedReadsOptions) {
  const started: { readonly keys: readonly string[]; end(error?: Error): void }[] = [];
  const reads = new JoinedReads<string, string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const answer = keys.map((key) => `${key} by read ${started.length + 1}`);
        started.push({ keys, end: (error) => (error ? reject(error) : resolve(answer)) });
      }),
    options,
  );
  return { reads, started };
}

describe('joined reads', () => {
  it('start at once while few are under way, and gather what is asked for meanwhile', async () => {
    const { reads, started } = controlledReads({ maxUnderWay: 2 });
    const answers = ['a', 'b'].map((key) => reads.load(key));
    await setImmediate();
    answers.push(reads.load('c'));
    await setImmediate();
    expect(started.map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']]);
    answers.push(reads.load('d'));
    await setImmediate();
    answers.push(reads.load('e'));
    await setImmediate();
    expect(started).toHaveLength(2);
    started[0]?.end();
    await setImmediate();
    expect(started[2]?.keys).toEqual(['d', 'e']);
    for (const read of started) read.end();
    expect(await Promise.all(answers)).toEqual([
      'a by read 1',
      'b by read 1',
      'c by read 2',
      'd by read 3',
      'e by read 3',
    ]);
  });

  it('never answer from a read that started before it was asked for', async () => {
    let state = 0;
    const reads = new JoinedReads<string, number>(
      async (keys) => {
        const seen = state;
        await setImmediate();
        return keys.map(() => seen);
      },
      { maxUnderWay: 1 },
    );
    const checks: Promise<void>[] = [];
    for (let round = 0; round < 200; round += 1) {
      state += 1;
      const atLeast = state;
      checks.push(reads.load('same').then((seen) => expect(seen).toBeGreaterThanOrEqual(atLeast)));
      if (round % 3 === 0) await setImmediate();
    }
    await Promise.all(checks);
  });

  it('are cut where one would have too many keys', async () => {
    const { reads, started } = controlledReads({ maxKeys: 2 });
    const answers = ['a', 'b', 'c'].map((key) => reads.load(key));
    await setImmediate();
    expect(started.map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']]);
    for (const read of started) read.end();
    await Promise.all(answers);
  });

  it('pass a failure on to everybody who waits for that read, and go on', async () => {
    const { reads, started } = controlledReads({ maxUnderWay: 1 });
    const failing = [reads.load('a'), reads.load('b')].map((answer) => expect(answer).rejects.toThrow('down'));
    await setImmediate();
    const next = reads.load('c');
    started[0]?.end(new Error('down'));
    await Promise.all(failing);
    await setImmediate();
    started[1]?.end();
    expect(await next).toBe('c by read 2');
  });
});
