import { eventually } from '@tessera/testing';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';
import { randomNumbers } from './random-numbers.fixture.js';

const PEOPLE = 400;
const ROUNDS = 10;

/** Real: every service as a process, Kafka, MongoDB. Workers are killed as a crash would end them. */
describe('a worker that is killed while records flow', () => {
  let running: RunningPlatform;

  beforeAll(async () => {
    running = await runPlatform();
  }, 60_000);
  afterAll(() => running?.stop(), 60_000);

  it('leaves nothing lost and nothing doubled', async () => {
    const random = randomNumbers(7);
    const people = Array.from({ length: ROUNDS }, (_, round) =>
      Array.from({ length: PEOPLE }, (_, index) =>
        running.person({
          identityMap: { Email: [{ id: `p${index}@example.com`, primary: true }], Phone: [{ id: `+${index}` }] },
          extSourceSystemAudit: { lastUpdatedDate: new Date(1_700_000_000_000 + round * 1_000).toISOString() },
          round,
        }),
      ),
    ).flat();
    const purchases = Array.from({ length: PEOPLE * ROUNDS }, (_, index) =>
      running.purchase({
        identityMap: { Phone: [{ id: `+${index % PEOPLE}`, primary: true }] },
        _id: `purchase-${index}`,
        timestamp: new Date(1_700_000_000_000 + index).toISOString(),
        price: index,
      }),
    );
    const messages = random.shuffled([...people, ...purchases]);

    const [ingestion] = running.platform.instances('ingestion-worker');
    const [merge] = running.platform.instances('merge-worker');
    if (!ingestion || !merge) throw new Error('a worker is missing');
    const streaming = running.stream(messages, 40);
    const counted = async () => {
      const { datasets } = await running.client.counters();
      return datasets.reduce((sum, { applied, duplicate }) => sum + applied + duplicate, 0);
    };
    for (const share of [0.1, 0.35, 0.6]) {
      await eventually(async () => expect(await counted()).toBeGreaterThan(messages.length * share), {
        timeout: 60_000,
      });
      await Promise.all([ingestion.kill(), merge.kill()]);
      await Promise.all([ingestion.start(), merge.start()]);
    }
    await streaming;
    await running.settled(messages.length);

    const { datasets } = await running.client.counters();
    for (const { applied, duplicate, deadLettered } of datasets) {
      expect({ applied, duplicate, deadLettered }).toEqual({ applied: PEOPLE * ROUNDS, duplicate: 0, deadLettered: 0 });
    }
    for (let index = 0; index < PEOPLE; index += 1) {
      const profile = await running.client.profile({ namespace: 'Email', id: `p${index}@example.com` });
      expect(profile?.entity).toMatchObject({ round: ROUNDS - 1 });
      expect(profile?.identityGraph).toHaveLength(2);
      const events = await running.client.events({ namespace: 'Email', id: `p${index}@example.com` });
      const prices = events.children.map(({ entity }) => entity['price']);
      expect(prices).toEqual(Array.from({ length: ROUNDS }, (_, round) => index + round * PEOPLE));
    }
  }, 300_000);
});
