import { setTimeout as delay } from 'node:timers/promises';
import { Pace } from './pace.js';

describe('the pace of deletions', () => {
  it('takes one step at a time, in the order in which they were asked for, whoever asks', async () => {
    const pace = new Pace({ step: 100, pause: 0 });
    const seen: string[] = [];
    const step = (name: string) =>
      pace.step(async () => {
        seen.push(`${name} begins`);
        await delay(5);
        seen.push(`${name} ends`);
      });
    await Promise.all([step('one'), step('two'), step('three')]);
    expect(seen).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('asks a slow store for less, down to a quarter, and a quick one for more again', async () => {
    const pace = new Pace({ step: 100, pause: 0 });
    const sizes: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      await pace.step(async (documents) => {
        sizes.push(documents);
        await delay(110);
      });
    }
    expect(sizes).toEqual([100, 50, 25, 25]);
    let last = 0;
    for (let step = 0; step < 200 && last < 100; step += 1) {
      await pace.step((documents) => Promise.resolve((last = documents)));
    }
    expect(last).toBe(100);
  });

  it('goes on after a step that failed', async () => {
    const pace = new Pace({ step: 100, pause: 0 });
    const failed = pace.step(() => Promise.reject(new Error('no')));
    const next = pace.step(() => Promise.resolve('next'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
