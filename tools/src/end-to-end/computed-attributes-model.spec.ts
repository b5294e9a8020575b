import { eventually } from '@tessera/testing';
import type { JsonObject } from '@tessera/contracts';
import { lookbackInterval, PqlProgram, type Lookback } from '@tessera/pql';
import { BatchClient } from './batch-client.fixture.js';
import { randomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const base = '/data/core/ca/attributes';
const HOUR = 3_600_000;

const definitions: Readonly<Record<string, { readonly value: string; readonly duration: Lookback }>> = {
  spent: { value: 'xEvent.total.sum()', duration: { count: 1, unit: 'MONTHS' } },
  large: { value: 'xEvent[total > 5].count()', duration: { count: 7, unit: 'DAYS' } },
  newest: {
    value: 'xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": total}).head()',
    duration: { count: 24, unit: 'HOURS' },
  },
  last: { value: 'xEvent.topN(timestamp, 3).map(total)', duration: { count: 2, unit: 'WEEKS' } },
  shops: { value: 'xEvent.groupBy(shop).keys().count()', duration: { count: 7, unit: 'DAYS' } },
};

let running: RunningPlatform;

beforeAll(async () => {
  running = await runPlatform();
  for (const [name, { value, duration }] of Object.entries(definitions)) {
    const expression = { type: 'PQL', format: 'pql/text', value };
    const body = JSON.stringify({ name, expression, duration, status: 'NEW' });
    const { id } = await running.client.expect<{ id: string }>({ method: 'POST', path: base, body });
    await eventually(
      async () => {
        const { status } = await running.client.expect<{ status: string }>({ method: 'GET', path: `${base}/${id}` });
        expect(status).toBe('PROCESSED');
      },
      { timeout: 60_000 },
    );
  }
}, 180_000);
afterAll(() => running?.stop(), 60_000);

async function valuesOf(email: string): Promise<JsonObject> {
  const query = new URLSearchParams({
    'schema.name': '_xdm.context.profile',
    entityId: email,
    entityIdNS: 'Email',
    withCA: 'true',
  });
  const path = `/data/core/ups/access/entities?${query.toString()}`;
  const answer = await running.client.expect<Record<string, { entity: JsonObject }>>({ method: 'GET', path });
  const [profile] = Object.values(answer);
  return (profile?.entity['_tessera'] as { ComputedAttributes: JsonObject }).ComputedAttributes;
}

/** The same, worked out from every event of the person that the API shows. */
async function recomputed(email: string): Promise<JsonObject> {
  const { children } = await running.client.events({ namespace: 'Email', id: email });
  const now = Date.now();
  const events = children.map(({ entityId, timestamp, entity }) => ({
    time: timestamp,
    eventId: entityId,
    datasetId: '',
    body: entity,
  }));
  const values = Object.entries(definitions).map(([name, { value, duration }]) => {
    const { from, to } = lookbackInterval(duration, now);
    const within = events.filter(({ time }) => from <= time && time < to);
    return [name, new PqlProgram(value).evaluate(within, { now })] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

describe('computed attributes', () => {
  it.each([1, 2, 3])(
    'equal a full recomputation after random events, repeats, merges, and a batch that came and was taken back (seed %i)',
    async (seed) => {
      const random = randomNumbers(seed);
      const emails = Array.from({ length: 8 }, (_, index) => `person-${seed}-${index}@example.com`);
      let events = 0;
      const order = (linked: boolean): JsonObject => {
        const one = random.below(emails.length);
        const both = linked ? [one, (one + 1 + random.below(2)) % emails.length] : [one];
        return {
          _id: `order-${seed}-${(events += 1)}`,
          timestamp: new Date(Date.now() - random.below(20 * 24) * HOUR - HOUR / 2).toISOString(),
          identityMap: { Email: both.map((index, place) => ({ id: emails[index] ?? '', primary: place === 0 })) },
          total: random.below(100) / 10,
          shop: `shop-${random.below(4)}`,
        };
      };
      const agree = () =>
        eventually(
          async () => {
            for (const email of emails) expect(await valuesOf(email)).toEqual(await recomputed(email));
          },
          { timeout: 60_000 },
        );
      await running.stream(
        emails.map((id) => running.purchase({ ...order(false), identityMap: { Email: [{ id, primary: true }] } })),
      );
      const first = Array.from({ length: 60 }, (_, index) => running.purchase(order(index % 20 === 0)));
      await running.stream(random.shuffled([...first, ...first.slice(0, 20)]), 7);
      await agree();
      const batches = new BatchClient(running.client);
      const rows = Array.from({ length: 30 }, () => JSON.stringify(order(true))).join('\n');
      const batch = await batches.send(running.purchases, { format: 'json' }, [rows]);
      await batches.ended(batch, 'success');
      await running.stream(Array.from({ length: 20 }, () => running.purchase(order(false))));
      await agree();
      await batches.act(batch, 'REVERT');
      await batches.ended(batch, 'inactive');
      await running.stream(first.slice(0, 10));
      await agree();
    },
    180_000,
  );
});
