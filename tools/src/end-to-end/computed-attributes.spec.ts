import { randomUUID } from 'node:crypto';
import { eventually } from '@tessera/testing';
import type { JsonObject } from '@tessera/contracts';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const base = '/data/core/ca/attributes';
const DAY = 86_400_000;

let running: RunningPlatform;
let events = 0;

beforeAll(async () => {
  running = await runPlatform();
}, 180_000);
afterAll(() => running.stop(), 60_000);

interface Attribute {
  readonly id: string;
  readonly status: string;
}

async function publish(name: string, value: string, duration: object = { count: 7, unit: 'DAYS' }): Promise<string> {
  const expression = { type: 'PQL', format: 'pql/text', value };
  const body = JSON.stringify({ name, expression, duration, status: 'NEW' });
  return (await running.client.expect<Attribute>({ method: 'POST', path: base, body })).id;
}

async function processed(id: string): Promise<void> {
  await eventually(
    async () => {
      const { status } = await running.client.expect<Attribute>({ method: 'GET', path: `${base}/${id}` });
      expect(status).toBe('PROCESSED');
    },
    { timeout: 60_000 },
  );
}

function order(emails: readonly string[], total: number, ago = 0): ReturnType<RunningPlatform['purchase']> {
  return running.purchase({
    _id: `order-${(events += 1)}`,
    timestamp: new Date(Date.now() - ago).toISOString(),
    identityMap: { Email: emails.map((id, index) => ({ id, primary: index === 0 })) },
    type: 'order',
    total,
  });
}

async function valuesOf(email: string): Promise<JsonObject | undefined> {
  const query = new URLSearchParams({
    'schema.name': '_xdm.context.profile',
    entityId: email,
    entityIdNS: 'Email',
    withCA: 'true',
  });
  const path = `/data/core/ups/access/entities?${query.toString()}`;
  const [profile] = Object.values(
    await running.client.expect<Record<string, { entity: { _tessera?: { ComputedAttributes: JsonObject } } }>>({
      method: 'GET',
      path,
    }),
  );
  return profile?.entity._tessera?.ComputedAttributes;
}

describe('computed attributes of a running platform', () => {
  it('count what was stored before they were published, and each event after', async () => {
    const email = `${randomUUID()}@example.com`;
    await running.stream([order([email], 10), order([email], 5.5, 3 * DAY), order([email], 100, 8 * DAY)]);
    await eventually(async () =>
      expect((await running.client.events({ namespace: 'Email', id: email })).children).toHaveLength(3),
    );
    const spent = await publish('spent', 'xEvent[type = "order"].total.sum()');
    await processed(spent);
    expect(await valuesOf(email)).toEqual({ spent: 15.5 });
    await running.stream([order([email], 4.5), order([email], 1, 6 * DAY)]);
    await eventually(async () => expect(await valuesOf(email)).toEqual({ spent: 21 }));
  });

  it('are those of the whole person once two become one', async () => {
    const [one, two] = [`${randomUUID()}@example.com`, `${randomUUID()}@example.com`];
    await processed(await publish('orders', 'xEvent.count()', { count: 1, unit: 'MONTHS' }));
    await running.stream([order([one], 1), order([one], 2), order([two], 3)]);
    await eventually(async () => {
      expect(await valuesOf(one)).toMatchObject({ orders: 2 });
      expect(await valuesOf(two)).toMatchObject({ orders: 1 });
    });
    await running.stream([order([one, two], 4)]);
    await eventually(async () => {
      for (const email of [one, two]) expect(await valuesOf(email)).toMatchObject({ orders: 4 });
    });
  });

  it('are absent without withCA, and of unpublished and disabled ones', async () => {
    const email = `${randomUUID()}@example.com`;
    const id = await publish('passing', 'xEvent.total.max()');
    await processed(id);
    await running.stream([order([email], 7)]);
    await eventually(async () => expect(await valuesOf(email)).toMatchObject({ passing: 7 }));
    expect(JSON.stringify(await running.client.profile({ namespace: 'Email', id: email }))).not.toContain('passing');
    await running.client.expect({
      method: 'PATCH',
      path: `${base}/${id}`,
      body: JSON.stringify({ status: 'DISABLED' }),
    });
    expect(await valuesOf(email)).not.toHaveProperty('passing');
  });

  it('read many people with one call', async () => {
    const emails = Array.from({ length: 20 }, () => `${randomUUID()}@example.com`);
    await running.stream(emails.map((email, index) => order([email], index)));
    const identities = emails.map((id) => ({ entityId: id, entityIdNS: { code: 'Email' } }));
    const body = JSON.stringify({ schema: { name: '_xdm.context.profile' }, identities, withCA: true });
    await eventually(async () => {
      const answer = await running.client.expect<Record<string, { entity: JsonObject }>>({
        method: 'POST',
        path: '/data/core/ups/access/entities',
        body,
      });
      const values = Object.values(answer).map(({ entity }) => entity['_tessera']);
      expect(values).toEqual(emails.map((_, index) => ({ ComputedAttributes: { spent: index, orders: 1 } })));
    });
  });
});
