import { existsSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import type { ServiceName } from '@tessera/testing';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';
import { randomNumbers } from './random-numbers.fixture.js';

const IDENTITIES = 300;
const RECORDS = 3_000;

/** Real: three processes of each service, Kafka, MongoDB. */
describe('three instances of every service', () => {
  let running: RunningPlatform;

  beforeAll(async () => {
    running = await runPlatform({
      services: { gateway: 3, 'ingestion-worker': 3, 'merge-worker': 3, 'deletion-worker': 3 },
      partitions: 6,
    });
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  it('give way to the others where they do long jobs', () => {
    const { PRIORITY_NORMAL, PRIORITY_BELOW_NORMAL } = constants.priority;
    const priorities = (name: ServiceName) => running.platform.instances(name).map(({ pid }) => getPriority(pid ?? -1));
    expect(priorities('deletion-worker')).toEqual(Array(3).fill(PRIORITY_BELOW_NORMAL));
    for (const name of ['gateway', 'ingestion-worker', 'merge-worker'] as const) {
      expect(priorities(name)).toEqual(Array(3).fill(PRIORITY_NORMAL));
    }
  });

  it('give way with their whole session where the system shares processors among sessions', () => {
    if (!existsSync('/proc/self/autogroup')) return;
    const { PRIORITY_NORMAL, PRIORITY_BELOW_NORMAL } = constants.priority;
    const sessionPriority = (pid: number | undefined) =>
      Number(/nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1]);
    const priorities = (name: ServiceName) => running.platform.instances(name).map(({ pid }) => sessionPriority(pid));
    expect(priorities('deletion-worker')).toEqual(Array(3).fill(PRIORITY_BELOW_NORMAL));
    for (const name of ['gateway', 'ingestion-worker', 'merge-worker'] as const) {
      expect(priorities(name)).toEqual(Array(3).fill(PRIORITY_NORMAL));
    }
  });

  it('stitch the same people that the records say, while instances leave and join', async () => {
    const random = randomNumbers(99);
    const name = (index: number) => `i${index}@example.com`;
    const parents = Array.from({ length: IDENTITIES }, (_, index) => index);
    const root = (index: number): number => {
      const parent = parents[index] as number;
      return parent === index ? index : root(parent);
    };
    const seen = new Set<number>();
    const messages = Array.from({ length: RECORDS }, () => {
      const one = random.below(IDENTITIES);
      // Neighbours only, within groups of ten: many records meet in the same few people, and none grows past the limit.
      const other = one - (one % 10) + random.below(10);
      const linked = random.below(20) === 0;
      if (linked) parents[root(one)] = root(other);
      for (const index of linked ? [one, other] : [one]) seen.add(index);
      return running.person({
        identityMap: {
          Email: [{ id: name(one), primary: true }, ...(linked && one !== other ? [{ id: name(other) }] : [])],
        },
      });
    });

    const halves = [messages.slice(0, RECORDS / 2), messages.slice(RECORDS / 2)] as const;
    const [firstIngestion] = running.platform.instances('ingestion-worker');
    const [firstMerge] = running.platform.instances('merge-worker');
    const streaming = running.stream(halves[0], 10);
    await Promise.all([firstIngestion?.stop(), firstMerge?.kill()]);
    await streaming;
    const more = running.stream(halves[1], 10);
    await Promise.all([firstIngestion?.start(), firstMerge?.start()]);
    await more;
    await running.settled(RECORDS);

    for (const index of seen) {
      const profile = await running.client.profile({ namespace: 'Email', id: name(index) }, 'identities');
      const members = (profile?.entity.identities ?? []).map(({ id }) => id).sort();
      const expected = [...seen].filter((other) => root(other) === root(index)).map(name);
      expect(members).toEqual(expected.sort());
    }
    expect(running.platform.unexpectedExits).toEqual([]);
  }, 300_000);
});
