import { jest } from '@jest/globals';

import { untilHandled, type Handling } from './retry.js';

class Outage extends Error {}

function handling(handle: Handling<number>['handle'], more: Partial<Handling<number>> = {}) {
  const poison: number[] = [];
  let heartbeats = 0;
  return {
    poison,
    heartbeats: () => heartbeats,
    rules: {
      handle,
      handlePoison: (message: number) => {
        poison.push(message);
        return Promise.resolve();
      },
      isOutage: (error: unknown) => error instanceof Outage,
      goesOn: () => true,
      heartbeat: () => {
        heartbeats += 1;
        return Promise.resolve();
      },
      onFailure: () => undefined,
      backOff: () => 1,
      ...more,
    } satisfies Handling<number>,
  };
}

describe('a batch that cannot be handled', () => {
  it('is tried again until an outage is over, and nothing is put aside', async () => {
    let attempts = 0;
    const { poison, rules } = handling(() => {
      attempts += 1;
      return attempts < 12 ? Promise.reject(new Outage()) : Promise.resolve();
    });
    expect(await untilHandled([1, 2, 3], rules)).toBe(true);
    expect(attempts).toBe(12);
    expect(poison).toEqual([]);
  });

  it('is narrowed down to the message at fault, and its neighbours are handled', async () => {
    const handled = new Set<number>();
    const { poison, rules } = handling((messages) => {
      if (messages.includes(2)) return Promise.reject(new TypeError('broken'));
      for (const message of messages) handled.add(message);
      return Promise.resolve();
    });
    expect(await untilHandled([1, 2, 3], rules)).toBe(true);
    expect(poison).toEqual([2]);
    expect([...handled].sort()).toEqual([1, 3]);
  });

  it('is an outage and no poison when every message of it fails', async () => {
    let calls = 0;
    const { poison, rules } = handling(() => {
      calls += 1;
      return calls < 20 ? Promise.reject(new TypeError('full disk')) : Promise.resolve();
    });
    expect(await untilHandled([1, 2, 3], rules)).toBe(true);
    expect(poison).toEqual([]);
  });

  it('puts aside a lone message that fails every attempt', async () => {
    const { poison, rules } = handling(() => Promise.reject(new TypeError('broken')));
    expect(await untilHandled([7], rules)).toBe(true);
    expect(poison).toEqual([7]);
  });

  it('is given up when its partition is taken away', async () => {
    let left = 3;
    const { poison, rules } = handling(() => Promise.reject(new Outage()), { goesOn: () => left-- > 0 });
    expect(await untilHandled([1], rules)).toBe(false);
    expect(poison).toEqual([]);
  });

  it('gives a sign of life in every wait, whatever the clock does meanwhile', async () => {
    let now = 0;
    let attempts = 0;
    const { heartbeats, rules } = handling(() => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(new Outage()) : Promise.resolve();
    });
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 1_000));
    await untilHandled([1], rules);
    clock.mockRestore();
    expect(heartbeats()).toBe(2);
  });
});
