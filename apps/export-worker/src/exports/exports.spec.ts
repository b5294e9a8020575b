import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject, Tenant } from '@tessera/contracts';
import { canonicalJson, mergeFragments, type Fragment } from '@tessera/domain';
import { FenceSetter, type FragmentWrite } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { exportBench } from './export-bench.fixture.js';
import { identity, record } from './records.fixture.js';

const bench = exportBench();

beforeAll(bench.open);
afterEach(bench.stopWorkers);
afterAll(bench.close);

const timestampOrdered = { type: 'timestampOrdered' } as const;

/** Some hundred people of one to three identities, with fields that the built-in schema types, and others. */
async function somePeople(tenant: Tenant, count = 300): Promise<FragmentWrite[]> {
  const people = Array.from({ length: count }, (_, person) =>
    Array.from({ length: (person % 3) + 1 }, (__, index) => identity(tenant, `email:p${person}-${index}@example.com`)),
  );
  await bench.see(tenant, people);
  const writes = people.flatMap((members, person) =>
    members.map((member, index) =>
      record(
        member,
        {
          person: {
            name: { firstName: `Ada ${person}`, lastName: index === 0 ? 'Lovelace' : 'King' },
            birthDate: '1815-12-10',
          },
          loyalty: { points: person, tier: person % 2 === 0 ? 'gold' : 'silver', tags: ['a', person] },
          homeAddress: { city: person % 5 === 0 ? 7 : 'London' },
        },
        { age: index + 1, version: String(index) },
      ),
    ),
  );
  await bench.apply(tenant, writes);
  return writes;
}

/** The merged profiles of people whose first identity's email tells who they are. */
function merged(writes: readonly FragmentWrite[]): JsonObject[] {
  const fragments = writes.map(({ datasetId, xid, age, version, body = '' }): Fragment => {
    return { datasetId, xid, age, version, body: JSON.parse(body) as JsonObject };
  });
  const people = Map.groupBy(fragments, ({ body }) => {
    const { email } = body['identityMap'] as { email: { id: string }[] };
    return email[0]?.id.split('-')[0];
  });
  return [...people.values()].map((own) => mergeFragments(own, timestampOrdered).entity);
}

function sorted(rows: readonly JsonObject[]): string[] {
  return rows.map((row) => canonicalJson(row)).sort();
}

describe('an export', () => {
  it.each(['parquet', 'json'] as const)('writes every merged profile once, as %s', async (format) => {
    const tenant = bench.newTenant();
    const writes = await somePeople(tenant);
    bench.startWorker({ rangePeople: 100 });
    const exported = await bench.submit(tenant, { format });
    await bench.ended(tenant, exported);
    expect(sorted(await bench.rowsOf(tenant, exported))).toEqual(sorted(merged(writes)));
    const [batchId = ''] = exported.batchIds;
    const files = await bench.files.list(tenant, batchId, { start: 0, limit: 100 });
    expect(files.length).toBeGreaterThan(1);
    expect(await bench.batches.find(tenant, batchId)).toMatchObject({
      status: 'success',
      datasetId: 'target',
      inputFormat: { format },
      metrics: { outputRecordCount: 300 },
    });
    const { result } = (await bench.exports.progress(tenant, [exported.jobId])).get(exported.jobId) ?? {};
    expect(result).toEqual({ profiles: 300, namespaces: new Map([['email', 300]]) });
  });

  it('sees what was there when it was created, and nothing that came later', async () => {
    const tenant = bench.newTenant();
    const writes = await somePeople(tenant, 50);
    const exported = await bench.submit(tenant);
    const [first] = writes;
    const late = identity(tenant, 'email:late@example.com');
    await bench.apply(tenant, [
      record(late, {}),
      ...writes.map((write) => ({ ...write, age: 9, version: '9', body: '{"changed":true}' })),
    ]);
    await bench.see(tenant, [[{ xid: first?.xid ?? '', namespace: 'email', id: 'p0-0@example.com' }, late]]);
    bench.startWorker();
    await bench.ended(tenant, exported);
    expect(sorted(await bench.rowsOf(tenant, exported))).toEqual(sorted(merged(writes)));
  });

  it('has neither a missing nor a doubled profile, whenever its workers die', async () => {
    const tenant = bench.newTenant();
    const writes = await somePeople(tenant, 600);
    const exported = await bench.submit(tenant);
    for (let round = 0; round < 6; round += 1) {
      const worker = bench.startWorker({ rangePeople: 30, fileBytes: 2_000 });
      await delay(50 + round * 60);
      await worker.stop();
      if (round === 3) await bench.loseRedis();
    }
    bench.startWorker({ rangePeople: 30, fileBytes: 2_000 });
    await bench.ended(tenant, exported);
    expect(sorted(await bench.rowsOf(tenant, exported))).toEqual(sorted(merged(writes)));
  }, 180_000);

  it('leaves nothing readable when it is called off', async () => {
    const tenant = bench.newTenant();
    await somePeople(tenant, 2_000);
    const before = (await bench.storedFiles()).length;
    bench.startWorker({ rangePeople: 20 });
    const exported = await bench.submit(tenant);
    await eventually(async () => {
      if ((await bench.storedFiles()).length === before) throw new Error('nothing is written yet');
    });
    expect(await bench.jobs.cancel(tenant, exported.jobId)).toBe(true);
    await eventually(
      async () => {
        const { length } = await bench.storedFiles();
        if (length !== before) throw new Error(`${length} files are left`);
      },
      { timeout: 30_000 },
    );
    const [batchId = ''] = exported.batchIds;
    expect(await bench.batches.find(tenant, batchId)).toBeUndefined();
    expect(await bench.files.list(tenant, batchId, { start: 0, limit: 10 })).toEqual([]);
  });

  it('fails with a reason when the database has forgotten what it is to show', async () => {
    const tenant = bench.newTenant();
    bench.startWorker();
    const [seconds] = (await bench.snapshots.take()).split('.');
    const exported = await bench.submit(tenant, { snapshot: `${Number(seconds) - 1_000_000}.1` });
    const { error } = await bench.ended(tenant, exported, 'FAILED');
    expect(error).toContain('minSnapshotHistoryWindowInSeconds');
  });

  it('does not bring out what was deleted after it was created, and what came after the deletion', async () => {
    const tenant = bench.newTenant();
    const [kept, gone] = ['email:kept@example.com', 'email:gone@example.com'].map((text) => identity(tenant, text));
    if (!kept || !gone) throw new Error('no identities');
    await bench.see(tenant, [[kept], [gone]]);
    const now = Date.now();
    await bench.apply(tenant, [
      record(kept, { a: 1 }, { datasetId: 'staying', acceptedAt: now }),
      record(kept, { b: 2 }, { datasetId: 'leaving', acceptedAt: now }),
      record(gone, { c: 3 }, { datasetId: 'other', acceptedAt: now }),
    ]);
    const exported = await bench.submit(tenant, { emptyProfiles: true });
    const fences = new FenceSetter(bench.database);
    await fences.set(tenant, [{ kind: 'dataset', datasetId: 'leaving' }], now, 'd1');
    await fences.set(tenant, [{ kind: 'dataset', datasetId: 'staying' }], now - 1, 'd2');
    await fences.set(tenant, [{ kind: 'person', xid: gone.xid }], now + 10, 'd3');
    bench.startWorker();
    await bench.ended(tenant, exported);
    expect(await bench.rowsOf(tenant, exported)).toEqual([
      { identityMap: { email: [{ id: kept.id, primary: true }] }, a: 1 },
    ]);
  });

  it('is made anew when something is deleted while it is made', async () => {
    const tenant = bench.newTenant();
    const writes = await somePeople(tenant, 1_500);
    const [first] = writes;
    const before = (await bench.storedFiles()).length;
    bench.startWorker({ rangePeople: 60 });
    const exported = await bench.submit(tenant);
    await eventually(async () => {
      if ((await bench.storedFiles()).length === before) throw new Error('nothing is written yet');
    });
    await new FenceSetter(bench.database).set(tenant, [{ kind: 'person', xid: first?.xid ?? '' }], Date.now(), 'd4');
    await bench.ended(tenant, exported);
    expect(sorted(await bench.rowsOf(tenant, exported))).toEqual(sorted(merged(writes.slice(1))));
    const listed = await bench.files.list(tenant, exported.batchIds[0] ?? '', { start: 0, limit: 1_000 });
    expect((await bench.storedFiles()).length - before).toBe(listed.length);
  }, 180_000);
});
