import { keepAlive } from './keep-alive.js';

describe('a piece of work', () => {
  it('is accompanied by signs of life until it ends', async () => {
    const work = Promise.withResolvers<string>();
    let signs = 0;
    const heartbeat = () => {
      signs += 1;
      if (signs === 3) work.resolve('done');
      return Promise.resolve();
    };
    expect(await keepAlive(work.promise, heartbeat, 1)).toBe('done');
    expect(signs).toBeGreaterThanOrEqual(3);
  });

  it('goes on when a sign of life fails', async () => {
    const work = Promise.withResolvers<string>();
    let signs = 0;
    const heartbeat = () => {
      signs += 1;
      if (signs === 3) work.resolve('done');
      return Promise.reject(new Error('rebalancing'));
    };
    expect(await keepAlive(work.promise, heartbeat, 1)).toBe('done');
  });

  it('fails with its own error', async () => {
    await expect(keepAlive(Promise.reject(new Error('mine')), () => Promise.resolve(), 1)).rejects.toThrow('mine');
  });
});
