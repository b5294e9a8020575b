import { oneAtATime } from './one-at-a-time.js';
import { testDatabase } from './test-database.fixture.js';

/** Real: MongoDB. */
describe('work that one process should do at a time', () => {
  const database = testDatabase();
  const MINUTE = 60_000;

  it('is done by all who ask, one after the other', async () => {
    let working = 0;
    let most = 0;
    const work = async (name: number) => {
      most = Math.max(most, (working += 1));
      await database.ping();
      working -= 1;
      return name;
    };
    const asked = Array.from({ length: 5 }, (_, name) => oneAtATime(database, 'many', MINUTE, () => work(name)));
    expect(await Promise.all(asked)).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(1);
  });

  it('is free again after it failed', async () => {
    await expect(oneAtATime(database, 'failing', MINUTE, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await oneAtATime(database, 'failing', MINUTE, () => Promise.resolve('done'))).toBe('done');
  });

  it('goes on beside one that takes longer than it said, and leaves the lock to whoever holds it then', async () => {
    const [begun, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = oneAtATime(database, 'late', 1, () => {
      begun.resolve();
      return late.promise;
    });
    await begun.promise;
    await oneAtATime(database, 'late', MINUTE, async () => {
      late.resolve();
      await held;
      const lock = await database.collection<{ _id: string; until: number }>('locks').findOne({ _id: 'late' });
      expect(lock?.until).toBeGreaterThan(Date.now());
    });
  });
});
