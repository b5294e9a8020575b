import { randomUUID } from 'node:crypto';
import { UnavailableError } from '@tessera/contracts';
import { EdgeShelf } from '@tessera/edge-store';
import { eventually, testServers } from '@tessera/testing';
import { HeldValues } from './held-values.js';

interface Value {
  readonly name: string;
}

const shelf = new EdgeShelf({
  redisUrl: testServers().redisUrl,
  redisPrefix: `test-${randomUUID()}-`,
  dataCenter: 'OR1',
});

/** A source that can be away, and a clock. Real: the shelf, in Redis. */
function world() {
  const source = new Map<string, Value>();
  const kind = randomUUID();
  const state = { isAway: false, time: 10_000, reads: 0, version: 0 };
  const start = () =>
    new HeldValues<Value>({
      kind,
      shelf,
      now: () => state.time,
      read: (key) => {
        state.reads += 1;
        if (state.isAway) return Promise.reject(new UnavailableError('mongodb', new Error('away')));
        const value = source.get(key);
        return Promise.resolve(value && { value, version: (state.version += 1) });
      },
    });
  return { source, kind, state, start };
}

describe('held values', () => {
  beforeAll(() => shelf.connect());
  afterAll(() => shelf.close());

  it('are asked for four times a second at most, and current within half a second', async () => {
    const { source, state, start } = world();
    const values = start();
    source.set('a', { name: 'one' });
    for (let times = 0; times < 5; times += 1) expect(await values.find('a')).toEqual({ name: 'one' });
    expect(state.reads).toBe(1);
    source.set('a', { name: 'two' });
    state.time += 500;
    expect(await values.find('a')).toEqual({ name: 'two' });
  });

  it('that are asked for all the time are asked for again before they are old, and nobody waits', async () => {
    const { source, state, start } = world();
    const values = start();
    source.set('a', { name: 'one' });
    await values.find('a');
    source.set('a', { name: 'two' });
    state.time += 250;
    for (let times = 0; times < 5; times += 1) expect(await values.find('a')).toEqual({ name: 'one' });
    await eventually(() => expect(state.reads).toBe(2));
    await eventually(async () => expect(await values.find('a')).toEqual({ name: 'two' }));
    state.time += 249;
    state.isAway = true;
    expect(await values.find('a')).toEqual({ name: 'two' });
    expect(state.reads).toBe(2);
    state.time += 1;
    for (let times = 0; times < 5; times += 1) expect(await values.find('a')).toEqual({ name: 'two' });
    await eventually(() => expect(state.reads).toBe(3));
  });

  it('never remember that something is absent, and forget what is gone, on the shelf as well', async () => {
    const { source, kind, state, start } = world();
    const values = start();
    expect(await values.find('a')).toBeUndefined();
    source.set('a', { name: 'one' });
    expect(await values.find('a')).toEqual({ name: 'one' });
    expect(await shelf.find(`${kind}/a`)).toBe('{"name":"one"}');
    source.delete('a');
    state.time += 500;
    expect(await values.find('a')).toBeUndefined();
    expect(await shelf.find(`${kind}/a`)).toBeUndefined();
    state.isAway = true;
    await expect(start().find('a')).rejects.toThrow(UnavailableError);
  });

  it('count while the source is away, also for a new process, and follow it when it is back', async () => {
    const { source, state, start } = world();
    source.set('a', { name: 'one' });
    await start().find('a');
    state.isAway = true;
    const values = start();
    expect(await values.find('a')).toEqual({ name: 'one' });
    await expect(values.find('b')).rejects.toThrow(UnavailableError);
    const { reads } = state;
    for (let times = 0; times < 5; times += 1) expect(await values.find('a')).toEqual({ name: 'one' });
    expect(state.reads).toBe(reads);
    state.isAway = false;
    source.set('a', { name: 'two' });
    state.time += 1_000;
    expect(await values.find('a')).toEqual({ name: 'two' });
  });

  it('are asked for again on demand, but not by everybody who demands it', async () => {
    const { source, state, start } = world();
    const values = start();
    source.set('a', { name: 'one' });
    await values.find('a');
    source.set('a', { name: 'two' });
    await values.recheck('a');
    expect(await values.find('a')).toEqual({ name: 'one' });
    state.time += 1_000;
    await values.recheck('a');
    expect(await values.find('a')).toEqual({ name: 'two' });
    expect(state.reads).toBe(2);
  });

  it('pass on what is wrong with the source itself', async () => {
    const values = new HeldValues<Value>({
      kind: 'kind',
      shelf,
      read: () => Promise.reject(new TypeError('a fault')),
    });
    await expect(values.find('a')).rejects.toThrow(TypeError);
  });
});
