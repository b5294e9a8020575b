import { setImmediate } from 'node:timers/promises';
import { Gathering } from './gathering.js';

describe('batches that are gathered', () => {
  it('are handled together when they arrive while others are being handled', async () => {
    const sizes: number[] = [];
    let release: () => void = () => undefined;
    const gathering = new Gathering<number>(
      async (messages) => {
        sizes.push(messages.length);
        if (sizes.length === 1) await new Promise<void>((resolve) => (release = resolve));
      },
      { concurrency: 1, maxMessages: 5 },
    );
    const first = gathering.submit([1]);
    await setImmediate();
    const later = [
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9, 10, 11, 12, 13],
    ].map((batch) => gathering.submit(batch));
    release();
    await Promise.all([first, ...later]);
    expect(sizes).toEqual([1, 4, 2, 6]);
  });

  it('are handled together when they arrive at once', async () => {
    const sizes: number[] = [];
    const gathering = new Gathering<number>(
      (messages) => {
        sizes.push(messages.length);
        return Promise.resolve();
      },
      { concurrency: 2, maxMessages: 5 },
    );
    await Promise.all([[1], [2, 3], [4]].map((batch) => gathering.submit(batch)));
    expect(sizes).toEqual([4]);
  });

  it('fail one by one, each for its own fault', async () => {
    const handled = new Set<number>();
    const gathering = new Gathering<number>(
      async (messages) => {
        await Promise.resolve();
        if (messages.includes(3)) throw new Error('three');
        for (const message of messages) handled.add(message);
      },
      { concurrency: 1, maxMessages: 100 },
    );
    const outcomes = await Promise.allSettled([[1], [2], [3, 4], [5]].map((batch) => gathering.submit(batch)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect([...handled]).toEqual([1, 2, 5]);
  });
});
