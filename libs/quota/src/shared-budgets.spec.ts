import { randomUUID } from 'node:crypto';
import { eventually, openDoor, testServers } from '@tessera/testing';
import { SharedBudgets, type BudgetAnswer, type SharedBudgetsOptions } from './index.js';

/** So long that no test outlasts it. */
const long = { window: 600 };

/** Real: Redis, behind a door where it is to go away. */
describe('a budget', () => {
  const opened: SharedBudgets[] = [];
  const budgets = async (options: Partial<SharedBudgetsOptions> = {}) => {
    const some = new SharedBudgets({ redisUrl: testServers().redisUrl, prefix: 'test', ...options });
    await some.connect();
    opened.push(some);
    return some;
  };
  afterEach(() => {
    for (const some of opened.splice(0)) some.close();
  });

  const taken = (answers: readonly BudgetAnswer[]) => answers.filter(({ granted }) => granted).length;

  it('is one for all who take from it at the same time', async () => {
    const everybody = await Promise.all([budgets(long), budgets(long), budgets(long)]);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => everybody[index % 3]?.take(key, 20, 1) as Promise<BudgetAnswer>),
    );
    expect(taken(answers)).toBe(20);
    expect(answers.every(({ shared }) => shared)).toBe(true);
    const left = answers.filter(({ granted }) => granted).map(({ remaining }) => remaining);
    expect(left.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('gives all or nothing, and what is refused costs nothing', async () => {
    const some = await budgets(long);
    const key = randomUUID();
    expect(await some.take(key, 10, 7)).toMatchObject({ granted: true, limit: 10, remaining: 3 });
    expect(await some.take(key, 10, 4)).toMatchObject({ granted: false, remaining: 3 });
    expect(await some.take(key, 10, 3)).toMatchObject({ granted: true, remaining: 0 });
  });

  it('is whole again when its second is over', async () => {
    const some = await budgets();
    const key = randomUUID();
    const first = await some.take(key, 5, 5);
    expect(first.reset).toBeGreaterThan(0);
    expect(first.reset).toBeLessThanOrEqual(1_000);
    await eventually(async () => expect(await some.take(key, 5, 5)).toMatchObject({ granted: true, remaining: 0 }));
  });

  it('lends to what is larger than the whole, once nothing is taken, and then rests as long as that is worth', async () => {
    const some = await budgets({ window: 2 });
    const key = randomUUID();
    expect((await some.take(key, 10, 1)).granted).toBe(true);
    expect((await some.take(key, 10, 35)).granted).toBe(false);
    const large = await eventually(async () => {
      const answer = await some.take(key, 10, 35);
      expect(answer.granted).toBe(true);
      return answer;
    });
    expect(large.remaining).toBe(0);
    expect(large.reset).toBeGreaterThan(6_000);
    expect(await some.take(key, 10, 1)).toMatchObject({ granted: false, remaining: 0 });
  });

  it('is counted by each for itself while Redis is away, all or nothing too', async () => {
    const away = { ...long, redisUrl: 'redis://127.0.0.1:1' };
    const [one, other] = await Promise.all([budgets(away), budgets(away)]);
    const key = randomUUID();
    expect(await one.take(key, 10, 7)).toMatchObject({ granted: true, remaining: 3, shared: false });
    expect(await one.take(key, 10, 4)).toMatchObject({ granted: false, remaining: 3, shared: false });
    expect(await one.take(key, 10, 3)).toMatchObject({ granted: true, remaining: 0, shared: false });
    expect(await other.take(key, 10, 10)).toMatchObject({ granted: true, shared: false });
  });

  it.each(['shut', 'freeze'] as const)(
    'goes on when Redis goes away (%s), and is shared again by itself',
    async (how) => {
      const door = await openDoor(new URL(testServers().redisUrl).host);
      const told: boolean[] = [];
      const redisUrl = `redis://127.0.0.1:${door.port}`;
      const some = await budgets({ ...long, redisUrl, onSharing: (shared) => told.push(shared) });
      const key = randomUUID();
      expect((await some.take(key, 10, 1)).shared).toBe(true);
      await door[how]();
      expect(await some.take(key, 10, 10)).toMatchObject({ granted: true, shared: false });
      expect(await some.take(key, 10, 1)).toMatchObject({ granted: false, shared: false });
      await door.open();
      await eventually(async () => expect((await some.take(key, 10, 1)).shared).toBe(true), { timeout: 20_000 });
      expect(told).toEqual([false, true]);
      await door.shut();
    },
  );
});
