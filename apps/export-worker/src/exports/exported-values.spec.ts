import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import type { ExportOrder } from '@tessera/domain';
import { ComputedAttributeReader, FenceSetter, type EventWrite } from '@tessera/stores';
import { queryParquet } from '@tessera/testing';
import { exportBench } from './export-bench.fixture.js';
import { identity, record } from './records.fixture.js';

const bench = exportBench();

beforeAll(bench.open);
afterEach(bench.stopWorkers);
afterAll(bench.close);

const root = '_acme';
const PEOPLE = 12;
let events = 0;

function purchase(tenant: Tenant, of: Identity, price: number, more: Partial<EventWrite> = {}): EventWrite {
  const [eventId, time] = [`e${(events += 1)}`, Date.now() - 60_000 - events];
  return {
    ...{ datasetId: `web-${tenant.sandbox}`, eventId, xids: [of.xid], time, acceptedAt: time, order: eventId },
    body: JSON.stringify({ _id: eventId, timestamp: new Date(time).toISOString(), price, shop: `shop ${price}` }),
    ...more,
  };
}

/** People of two identities each, of whom every other one bought something, under each of the identities. */
async function shoppers(tenant: Tenant): Promise<[Identity, Identity][]> {
  const people = Array.from({ length: PEOPLE }, (_, index): [Identity, Identity] => [
    identity(tenant, `email:v${index}@example.com`),
    identity(tenant, `crm:v${index}`),
  ]);
  await bench.see(tenant, people);
  await bench.apply(
    tenant,
    people.map(([email], index) => record(email, { index, [root]: { loyalty: { points: index } } })),
  );
  const buying = people.filter((_, index) => index % 2 === 0);
  await bench.countEvents(
    tenant,
    buying.flatMap(([email, crm], index) => [purchase(tenant, email, index + 0.5), purchase(tenant, crm, 10)]),
  );
  await bench.compute(tenant, 'orders', 'xEvent.count()');
  await bench.compute(tenant, 'spent', 'xEvent.price.sum()');
  await bench.compute(
    tenant,
    'latest',
    'xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": shop}).head()',
  );
  await bench.compute(tenant, 'eager', 'xEvent.groupBy(shop).keys().count() > index');
  return people;
}

function wanting(graph: 'none' | 'pdg', now = Date.now()): Pick<ExportOrder, 'computed'> {
  return { computed: { graph, root, now } };
}

/** Attributes as they were before DuckDB made texts of whole numbers and times, and of JSON text a column. */
function asWritten(row: JsonObject): JsonObject {
  const { ComputedAttributes: values } = row[root] as { ComputedAttributes: Record<string, unknown> };
  values['orders'] = Number(values['orders']);
  const latest = values['latest'] as { timestamp: string; value: string } | undefined;
  if (latest !== undefined) {
    latest.timestamp = new Date(latest.timestamp).toISOString();
    latest.value = JSON.parse(latest.value) as string;
  }
  return row;
}

function byIndex(rows: readonly JsonObject[]): JsonObject[] {
  const plain = JSON.parse(JSON.stringify(rows)) as { index: number }[];
  return plain.sort((a, b) => a.index - b.index);
}

describe('computed attributes of an export', () => {
  it.each(['parquet', 'json'] as const)('are those of every person when it was created, as %s', async (format) => {
    const tenant = bench.newTenant();
    const people = await shoppers(tenant);
    const now = Date.now();
    const values = await new ComputedAttributeReader(bench.database).valuesOf(
      tenant,
      people.map((members, index) => ({
        ...{ clusterId: String(index), members: members.map(({ xid }) => xid), profile: { index } },
      })),
      now,
    );
    const exported = await bench.submit(tenant, { format, ...wanting('pdg', now) });
    await bench.countEvents(tenant, [purchase(tenant, people[0]?.[0] as Identity, 1_000)]);
    await bench.compute(tenant, 'later', 'xEvent.count()');
    bench.startWorker({ rangePeople: 5 });
    await bench.ended(tenant, exported);
    const rows = await bench.rowsOf(tenant, exported);
    const expected = people.map(([email], index) => ({
      ...{ identityMap: { email: [{ id: email.id, primary: true }] }, index },
      [root]: { loyalty: { points: index }, ComputedAttributes: values.get(String(index)) },
    }));
    expect(expected[2]?.[root].ComputedAttributes).toMatchObject({ orders: 2, spent: 11.5, eager: false });
    expect(byIndex(format === 'parquet' ? rows.map(asWritten) : rows)).toEqual(expected);
  });

  it('have columns of the types of their expressions', async () => {
    const tenant = bench.newTenant();
    await shoppers(tenant);
    bench.startWorker();
    const exported = await bench.submit(tenant, wanting('pdg'));
    await bench.ended(tenant, exported);
    const [file] = await bench.files.list(tenant, exported.batchIds[0] ?? '', { start: 0, limit: 1 });
    const from = `FROM '${bench.storage().localPath(file?.key ?? '')}'`;
    const [column] = await queryParquet(`SELECT typeof(${root}.ComputedAttributes) AS type ${from}`);
    const types = JSON.stringify(column).replaceAll(/[\\"]/g, '');
    expect(types).toContain('orders BIGINT');
    expect(types).toContain('spent DOUBLE');
    expect(types).toContain('eager BOOLEAN');
    expect(types).toContain('timestamp TIMESTAMP WITH TIME ZONE');
  });

  it('are over the whole person of the default policy, also where identities are exported each on their own', async () => {
    const tenant = bench.newTenant();
    await shoppers(tenant);
    bench.startWorker();
    const alone = { graph: 'none', attributeMerge: { type: 'timestampOrdered' } } as const;
    const stitched = await bench.submit(tenant, { format: 'json', policy: alone, ...wanting('pdg') });
    const unstitched = await bench.submit(tenant, { format: 'json', policy: alone, ...wanting('none') });
    await Promise.all([bench.ended(tenant, stitched), bench.ended(tenant, unstitched)]);
    const [whole] = byIndex(await bench.rowsOf(tenant, stitched));
    expect(whole).toMatchObject({ index: 0, [root]: { ComputedAttributes: { orders: 2, spent: 10.5 } } });
    const [own] = byIndex(await bench.rowsOf(tenant, unstitched));
    expect(own).toMatchObject({ index: 0, [root]: { ComputedAttributes: { orders: 1, spent: 0.5 } } });
  });

  it('are left out where the wanted fields do not select them, and selected like any other field', async () => {
    const tenant = bench.newTenant();
    await shoppers(tenant);
    bench.startWorker();
    const without = await bench.submit(tenant, { fields: `index,${root}.loyalty`, ...wanting('pdg') });
    const one = await bench.submit(tenant, { fields: `index,${root}.ComputedAttributes.orders`, ...wanting('pdg') });
    await Promise.all([bench.ended(tenant, without), bench.ended(tenant, one)]);
    expect(byIndex(await bench.rowsOf(tenant, without))[2]).toMatchObject({ [root]: { loyalty: { points: 2 } } });
    expect(JSON.stringify(await bench.rowsOf(tenant, without))).not.toContain('ComputedAttributes');
    const { [root]: selected } = byIndex((await bench.rowsOf(tenant, one)).map(asWritten))[2] ?? {};
    expect(selected).toEqual({ ComputedAttributes: { orders: 2 } });
  });

  it('do not count events that were deleted after it was created', async () => {
    const tenant = bench.newTenant();
    const people = await shoppers(tenant);
    const [first] = people[0] as [Identity, Identity];
    await bench.countEvents(tenant, [
      purchase(tenant, first, 100, { datasetId: `leaving-${tenant.sandbox}` }),
      purchase(tenant, first, 200, { batchId: `leaving-${tenant.sandbox}` }),
      purchase(tenant, first, 300, { acceptedAt: Date.now() + 60_000 }),
    ]);
    const exported = await bench.submit(tenant, { format: 'json', ...wanting('pdg') });
    const fences = new FenceSetter(bench.database);
    const now = Date.now();
    await fences.set(tenant, [{ kind: 'dataset', datasetId: `leaving-${tenant.sandbox}` }], now, 'd1');
    await fences.set(tenant, [{ kind: 'batch', batchId: `leaving-${tenant.sandbox}` }], now, 'd2');
    await fences.set(tenant, [{ kind: 'person', xid: (people[2] as [Identity, Identity])[1].xid }], now, 'd3');
    bench.startWorker();
    await bench.ended(tenant, exported);
    const rows = byIndex(await bench.rowsOf(tenant, exported));
    expect(rows[0]).toMatchObject({ [root]: { ComputedAttributes: { orders: 3, spent: 310.5 } } });
    expect(rows[2]).toMatchObject({ [root]: { ComputedAttributes: { orders: 1, spent: 1.5 } } });
    expect(rows[4]).toMatchObject({ [root]: { ComputedAttributes: { orders: 2, spent: 12.5 } } });
  });
});
