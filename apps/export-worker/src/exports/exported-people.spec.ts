import type { Identity, JsonObject } from '@tessera/contracts';
import { businessSchemas } from '@tessera/domain';
import type { EventWrite } from '@tessera/stores';
import { exportBench } from './export-bench.fixture.js';
import { identity, record } from './records.fixture.js';

const bench = exportBench();

beforeAll(bench.open);
afterEach(bench.stopWorkers);
afterAll(bench.close);

const timestampOrdered = { type: 'timestampOrdered' } as const;

describe('the people of an export', () => {
  const qualified = (status: string, time: string): JsonObject => ({ status, lastQualificationTime: time });

  it('are those in the wanted segments, with their memberships', async () => {
    const tenant = bench.newTenant();
    const people = Array.from({ length: 4 }, (_, index) => identity(tenant, `email:s${index}@example.com`));
    await bench.see(
      tenant,
      people.map((one) => [one]),
    );
    const memberships = [
      { ups: { vip: qualified('realized', '2026-01-02T00:00:00Z') } },
      { ups: { vip: qualified('exited', '2026-01-02T00:00:00Z') } },
      { ups: { vip: qualified('realized', '2026-03-02T00:00:00Z') } },
      { other: { vip: qualified('realized', '2026-01-02T00:00:00Z') } },
    ];
    await bench.apply(
      tenant,
      people.map((one, index) => record(one, { segmentMembership: memberships[index] ?? {}, note: index })),
    );
    bench.startWorker();
    const exported = await bench.submit(tenant, {
      fields: 'note',
      people: {
        segments: [{ segmentId: 'vip', segmentNs: 'ups' }],
        qualifiedFrom: Date.parse('2026-01-01'),
        qualifiedBefore: Date.parse('2026-02-01'),
      },
    });
    await bench.ended(tenant, exported);
    const [row, ...others] = await bench.rowsOf(tenant, exported);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ note: 0, segmentMembership: { ups: { vip: { status: 'realized' } } } });
  });

  it('go into one batch for each segment where that is asked for', async () => {
    const tenant = bench.newTenant();
    const people = Array.from({ length: 6 }, (_, index) => identity(tenant, `email:b${index}@example.com`));
    await bench.see(
      tenant,
      people.map((one) => [one]),
    );
    await bench.apply(
      tenant,
      people.map((one, index) =>
        record(one, {
          segmentMembership: { ups: { [`s${index % 3}`]: qualified('realized', '2026-01-02T00:00:00Z') } },
        }),
      ),
    );
    bench.startWorker();
    const outputs = [0, 1].map((index) => ({ batchId: `01SEGMENT${index}`, segment: { segmentId: `s${index}` } }));
    const exported = await bench.submit(tenant, { outputs, people: { segments: outputs.map((one) => one.segment) } });
    await bench.ended(tenant, exported);
    for (const [index, batchId] of exported.batchIds.entries()) {
      const rows = await bench.rowsOf(tenant, { ...exported, batchIds: [batchId] });
      expect(rows).toHaveLength(2);
      for (const row of rows) expect(row).toMatchObject({ segmentMembership: { ups: { [`s${index}`]: {} } } });
    }
  });

  it('are those of whom a record was accepted after the wanted time, under a policy without a graph each on their own', async () => {
    const tenant = bench.newTenant();
    const [old, young] = ['email:old@example.com', 'email:young@example.com'].map((text) => identity(tenant, text));
    if (!old || !young) throw new Error('no identities');
    await bench.see(tenant, [[old, young]]);
    await bench.apply(tenant, [record(old, { a: 1 }), record(young, { b: 2 }, { acceptedAt: 5_000 })]);
    bench.startWorker();
    const people = { acceptedAfter: 4_000 };
    const stitched = await bench.submit(tenant, { people });
    const alone = await bench.submit(tenant, { people, policy: { graph: 'none', attributeMerge: timestampOrdered } });
    await Promise.all([bench.ended(tenant, stitched), bench.ended(tenant, alone)]);
    expect(await bench.rowsOf(tenant, stitched)).toMatchObject([{ a: 1, b: 2 }]);
    const [row] = await bench.rowsOf(tenant, alone);
    expect(row).toEqual({ b: 2, identityMap: { email: [{ id: young.id, primary: true }] } });
  });

  it('are, without profiles, those of whom an event was accepted after the wanted time', async () => {
    const tenant = bench.newTenant();
    const [young, old, known] = ['email:young@e.com', 'email:old@e.com', 'email:known@e.com'].map((text) =>
      identity(tenant, text),
    ) as [Identity, Identity, Identity];
    await bench.see(tenant, [[young], [old], [known]]);
    await bench.apply(tenant, [record(known, { a: 1 })]);
    const event = (eventId: string, { xid }: Identity, acceptedAt: number): EventWrite => ({
      ...{ datasetId: `web-${tenant.sandbox}`, eventId, xids: [xid], time: 1_000, acceptedAt, order: eventId },
      body: JSON.stringify({ _id: eventId, timestamp: '1970-01-01T00:00:01Z' }),
    });
    await bench.applyEvents(tenant, [
      event('before', young, 1_000),
      event('after', young, 5_000),
      event('earlier', old, 4_000),
      event('of-known', known, 5_000),
    ]);
    bench.startWorker();
    const people = { acceptedAfter: 4_000 };
    const exported = await bench.submit(tenant, { people, emptyProfiles: true, events: {}, format: 'json' });
    const bare = await bench.submit(tenant, { people, emptyProfiles: true, format: 'json' });
    await Promise.all([bench.ended(tenant, exported), bench.ended(tenant, bare)]);
    const identityMap = { email: [{ id: young.id }] };
    expect(await bench.rowsOf(tenant, exported)).toMatchObject([
      { identityMap, eventList: [{ _id: 'after' }, { _id: 'before' }] },
    ]);
    expect(await bench.rowsOf(tenant, bare)).toEqual([{ identityMap }]);
  });

  it('come with their events, oldest first, and without profiles where events are all that is known', async () => {
    const tenant = bench.newTenant();
    const [known, empty, silent, account] = [
      'email:known@e.com',
      'email:empty@e.com',
      'email:silent@e.com',
      'crm:9',
    ].map((text) => identity(tenant, text)) as [Identity, Identity, Identity, Identity];
    await bench.see(tenant, [[known], [empty], [silent], [account]]);
    await bench.apply(tenant, [record(known, { a: 1 }), record(account, {}, { schema: businessSchemas.account })]);
    const event = (eventId: string, of: Identity, time: number, more: Partial<EventWrite> = {}): EventWrite => ({
      ...{ datasetId: `web-${tenant.sandbox}`, eventId, xids: [of.xid], time, acceptedAt: 2_000, order: eventId },
      body: JSON.stringify({
        ...{ _id: eventId, timestamp: new Date(time).toISOString(), eventType: 'view' },
        commerce: { price: time },
      }),
      ...more,
    });
    await bench.applyEvents(tenant, [
      event('e2', known, 2_000),
      event('e1', known, 1_000),
      event('e0', known, 500, { acceptedAt: 10 }),
      event('e3', empty, 3_000),
    ]);
    bench.startWorker();
    const events = { fields: 'eventType,commerce', acceptedAfter: 1_000 };
    const exported = await bench.submit(tenant, { events, emptyProfiles: true });
    const withoutEmpty = await bench.submit(tenant, { events, format: 'json' });
    await Promise.all([bench.ended(tenant, exported), bench.ended(tenant, withoutEmpty)]);
    const rows = new Map(
      (await bench.rowsOf(tenant, exported)).map((one) => [JSON.stringify(one['identityMap']), one] as const),
    );
    expect(rows.size).toBe(2);
    const [profile] = (await bench.rowsOf(tenant, withoutEmpty)) as [JsonObject];
    expect(profile).toEqual({
      eventList: [
        { _id: 'e1', timestamp: '1970-01-01T00:00:01.000Z', eventType: 'view', commerce: { price: 1_000 } },
        { _id: 'e2', timestamp: '1970-01-01T00:00:02.000Z', eventType: 'view', commerce: { price: 2_000 } },
      ],
      a: 1,
      identityMap: { email: [{ id: known.id, primary: true }] },
    });
    expect(rows.get(JSON.stringify({ email: [{ id: known.id, primary: true }] }))).toMatchObject({
      a: 1,
      eventList: [{ _id: 'e1', commerce: { price: 1_000 } }, { _id: 'e2' }],
    });
    expect(rows.get(JSON.stringify({ email: [{ id: empty.id }] }))).toMatchObject({ eventList: [{ _id: 'e3' }] });
  });
});
