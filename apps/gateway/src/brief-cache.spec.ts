import { BriefCache } from './brief-cache.js';

interface Source {
  readonly values: Map<string, string>;
  readonly cache: BriefCache<string>;
  readonly reads: () => number;
  readonly wait: (milliseconds: number) => void;
  /** Holds readings back until it is called again with `false`. */
  readonly hold: (held: boolean) => void;
}

function sourceOf(): Source {
  const values = new Map<string, string>();
  let [reads, time] = [0, 1_000];
  let gate = Promise.resolve();
  let open = (): void => undefined;
  const read = async (key: string): Promise<string | undefined> => {
    reads += 1;
    const value = values.get(key);
    await gate;
    if (value === 'broken') throw new Error('broken');
    return value;
  };
  return {
    values,
    cache: new BriefCache(read, { timeToLive: 100, maxEntries: 2, now: () => time }),
    reads: () => reads,
    wait: (milliseconds) => (time += milliseconds),
    hold: (held) => {
      if (held) gate = new Promise((resolve) => (open = resolve));
      else open();
    },
  };
}

describe('brief cache', () => {
  it('reads once for many who ask within its time, together or after each other', async () => {
    const { values, cache, reads, wait } = sourceOf();
    values.set('a', '1');
    expect(await Promise.all([cache.find('a'), cache.find('a'), cache.find('a')])).toEqual(['1', '1', '1']);
    wait(99);
    expect(await cache.find('a')).toBe('1');
    expect(reads()).toBe(1);
    wait(1);
    values.set('a', '2');
    expect(await cache.find('a')).toBe('2');
  });

  it('never remembers that something is absent', async () => {
    const { values, cache } = sourceOf();
    expect(await cache.find('a')).toBeUndefined();
    values.set('a', '1');
    expect(await cache.find('a')).toBe('1');
  });

  it('does not take the "no" of a reading that began before the creation', async () => {
    const { values, cache, hold } = sourceOf();
    hold(true);
    const before = cache.find('a');
    values.set('a', '1');
    const after = cache.find('a');
    hold(false);
    expect(await Promise.all([before, after])).toEqual([undefined, '1']);
  });

  it('counts its time from the beginning of a reading', async () => {
    const { values, cache, hold, wait } = sourceOf();
    values.set('a', '1');
    hold(true);
    const slow = cache.find('a');
    wait(100);
    values.delete('a');
    const after = cache.find('a');
    hold(false);
    expect(await Promise.all([slow, after])).toEqual(['1', undefined]);
  });

  it('does not keep a reading that began before it was told to forget', async () => {
    const { values, cache, hold } = sourceOf();
    values.set('a', '1');
    hold(true);
    const before = cache.find('a');
    values.delete('a');
    cache.forget('a');
    hold(false);
    await before;
    expect(await cache.find('a')).toBeUndefined();
  });

  it('remembers no failure', async () => {
    const { values, cache } = sourceOf();
    values.set('a', 'broken');
    await expect(cache.find('a')).rejects.toThrow('broken');
    values.set('a', '1');
    expect(await cache.find('a')).toBe('1');
  });

  it('forgets what was asked for longest ago when it is full', async () => {
    const { values, cache, reads } = sourceOf();
    for (const key of ['a', 'b', 'c']) values.set(key, key);
    for (const key of ['a', 'b', 'c', 'b', 'c']) await cache.find(key);
    expect(reads()).toBe(3);
    await cache.find('a');
    expect(reads()).toBe(4);
  });
});
