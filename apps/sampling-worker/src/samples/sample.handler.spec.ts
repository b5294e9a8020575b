import type { Tenant } from '@tessera/contracts';
import type { SampleReport } from '@tessera/stores';
import { FenceSetter, MergePolicyStore } from '@tessera/stores';
import { withChangedPolicy, xidOf, type PolicySettings } from '@tessera/domain';
import { eventually } from '@tessera/testing';
import { fillAtRandom, ownSampling } from '../sampling.fixture.js';
import { recount, type Recount, type RecountRules } from './brute-force.fixture.js';

/** Real: MongoDB, Kafka, Redis. */
const sampling = ownSampling();
beforeAll(sampling.prepare, 60_000);
afterEach(sampling.stopWorkers, 30_000);
afterAll(sampling.close, 60_000);

/** A report's tally as the recount has it. */
function countedBy({ tally }: SampleReport): Recount {
  const { datasets, namespaces, datasetOverlap, namespaceOverlap, unstitched } = tally;
  const { profiles, sampled, fragments, events } = tally;
  return {
    ...{ profiles, sampled, fragments, events },
    datasets: Object.fromEntries(datasets),
    namespaces: Object.fromEntries(namespaces),
    datasetOverlap: Object.fromEntries(datasetOverlap),
    namespaceOverlap: Object.fromEntries(namespaceOverlap),
    unstitched: Object.fromEntries(
      unstitched.map(({ period, namespace, ...counts }) => [`${period} ${namespace}`, counts]),
    ),
  };
}

async function reportOf(tenant: Tenant): Promise<SampleReport> {
  const report = await sampling.reports.latest(tenant);
  if (!report) throw new Error('there is no report');
  return report;
}

async function expectTruth(
  tenant: Tenant,
  ratio: number,
  rules: Partial<Pick<RecountRules, 'stitched' | 'order'>> = {},
): Promise<SampleReport> {
  const report = await reportOf(tenant);
  const truth = await recount(sampling.database, tenant, { ratio, at: report.at, stitched: true, ...rules });
  expect(truth.profiles).toBeGreaterThan(20);
  expect(countedBy(report)).toEqual(truth);
  for (const overlap of [report.tally.datasetOverlap, report.tally.namespaceOverlap]) {
    expect(overlap.reduce((sum, [, profiles]) => sum + profiles, 0)).toBe(truth.profiles);
  }
  return report;
}

/** Changes the policy that the sandbox is born with, which is its default. */
async function changePolicy(tenant: Tenant, change: Partial<PolicySettings>): Promise<void> {
  await new MergePolicyStore(sampling.database).change(tenant, (policies) => {
    const [born] = policies;
    if (!born) throw new Error('a sandbox is born with a policy');
    const { id, version, updateEpoch, tenant: _tenant, ...settings } = born as typeof born & { tenant?: unknown };
    return withChangedPolicy(policies, version, { ...settings, ...change }, { id, updateEpoch });
  });
}

it.each([1, 2, 3, 4])(
  'makes reports that a recount of everything finds too (seed %d)',
  async (seed) => {
    const tenant = sampling.newTenant();
    await fillAtRandom(sampling, tenant, seed);
    await fillAtRandom(sampling, sampling.newTenant(), seed);
    sampling.startWorker();
    const job = await sampling.ask(tenant);
    const ended = await sampling.ended(tenant, job.id);
    const report = await expectTruth(tenant, 1);
    expect(report).toMatchObject({ id: job.id, ratio: 1, trigger: 'request', mergeStrategy: 'timestampOrdered_pdg' });
    expect(ended.metrics).toMatchObject({ profiles: report.tally.profiles, sampled: report.tally.profiles });
  },
  60_000,
);

it('draws the same people each time at the same ratio', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 5);
  sampling.startWorker();
  const reports: SampleReport[] = [];
  for (let time = 0; time < 2; time += 1) {
    await sampling.ended(tenant, (await sampling.ask(tenant, { samplingRatio: 0.3 })).id);
    reports.push(await expectTruth(tenant, 0.3));
  }
  expect(reports[0]?.tally).toEqual(reports[1]?.tally);
  expect(reports[0]?.tally.sampled).toBeLessThan(reports[0]?.tally.profiles ?? 0);
}, 60_000);

it('takes every identity for a person where the default policy does not stitch', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 6);
  await changePolicy(tenant, { identityGraph: { type: 'none' } });
  sampling.startWorker();
  await sampling.ended(tenant, (await sampling.ask(tenant)).id);
  const report = await expectTruth(tenant, 1, { stitched: false });
  expect(report).toMatchObject({ mergeStrategy: 'timestampOrdered_none' });
}, 60_000);

it('takes for profiles only what records of the datasets in the order of the default policy, and events, say', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 12);
  const order = ['records-c', 'records-a'].map((name) => `${tenant.sandbox}-${name}`);
  await changePolicy(tenant, { attributeMerge: { type: 'dataSetPrecedence', order } });
  sampling.startWorker();
  await sampling.ended(tenant, (await sampling.ask(tenant)).id);
  const report = await expectTruth(tenant, 1, { order });
  expect(report).toMatchObject({ mergeStrategy: 'dataSetPrecedence_pdg' });
  expect(report.tally.datasets.map(([id]) => id)).not.toContain(`${tenant.sandbox}-records-b`);
}, 60_000);

it('counts people whom only events of others carry, each by their own identity', async () => {
  const tenant = sampling.newTenant();
  const [host, guest] = [
    ['email', 'c@x'],
    ['phone', '+491'],
  ].map(([namespace = '', id = '']) => ({ xid: xidOf(tenant, namespace, id), namespace, id }));
  if (!host || !guest) throw new Error('there are two');
  const unlinked = { links: false, datasetId: 'web', first: 1, last: 1, acceptedAt: 1 };
  await sampling.graph.apply(tenant, [{ ...unlinked, identities: [host, guest] }]);
  const event = { eventId: 'e', time: Date.now(), acceptedAt: 1, order: '1', body: '{}' };
  await sampling.events.apply(tenant, [{ ...event, datasetId: 'web', xids: [host.xid, guest.xid] }]);
  sampling.startWorker();
  await sampling.ended(tenant, (await sampling.ask(tenant)).id);
  const { tally, people } = await reportOf(tenant);
  expect(people).toEqual({ clusters: 2, identities: 2 });
  expect(await sampling.people.find(tenant)).toEqual(people);
  expect(tally).toMatchObject({ profiles: 2, sampled: 2, fragments: 1, records: 0, events: 1 });
  expect(tally.datasetOverlap).toEqual([['web', 2]]);
  expect(tally.namespaceOverlap).toEqual([
    ['email', 1],
    ['phone', 1],
  ]);
  expect(tally.namespaces).toEqual([
    ['email', { sample: 1, full: 1, fragments: 1 }],
    ['phone', { sample: 1, full: 1, fragments: 0 }],
  ]);
}, 60_000);

it('counts nobody as a profile whose every record is of a dataset outside the order, but their fragments', async () => {
  const tenant = sampling.newTenant();
  const people = ['a@x', 'b@x'].map((id) => ({ xid: xidOf(tenant, 'email', id), namespace: 'email', id }));
  const evidence = { links: true, datasetId: 'A', first: 1, last: 1, acceptedAt: 1 };
  await sampling.graph.apply(
    tenant,
    people.map((identity) => ({ ...evidence, identities: [identity] })),
  );
  const record = { age: 1, acceptedAt: 1, version: '1', body: '{}' };
  await sampling.fragments.apply(
    tenant,
    people.map(({ xid }, index) => ({ ...record, xid, datasetId: ['A', 'B'][index] ?? '' })),
  );
  await changePolicy(tenant, { attributeMerge: { type: 'dataSetPrecedence', order: ['A'] } });
  sampling.startWorker();
  await sampling.ended(tenant, (await sampling.ask(tenant)).id);
  const { tally } = await reportOf(tenant);
  expect(tally).toMatchObject({ clusters: 2, profiles: 1, sampled: 1, fragments: 2, records: 2 });
  expect(tally.datasetOverlap).toEqual([['A', 1]]);
  expect(tally.namespaces).toEqual([['email', { sample: 1, full: 1, fragments: 2 }]]);
}, 60_000);

it('makes the same report although its workers stop and Redis forgets everything in the middle', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 7, 400);
  sampling.startWorker();
  const { id } = await sampling.ask(tenant);
  const before = await eventually(
    async () => {
      const work = await sampling.works.find(tenant, id);
      const finished = await sampling.works.finished(tenant, id, 0);
      if (!work || finished.size === 0) throw new Error('no range is done');
      return { ...work, finished: finished.size };
    },
    { interval: 1 },
  );
  await sampling.stopWorkers();
  await sampling.loseRedis();
  const truth = await recount(sampling.database, tenant, { ratio: 1, at: before.at, stitched: true });
  // Written after the snapshot of the sample, and so none of its business.
  await fillAtRandom(sampling, tenant, 8, 500);
  sampling.startWorker();
  sampling.startWorker();
  await sampling.ended(tenant, id);
  const report = await reportOf(tenant);
  expect(report.at).toBe(before.at);
  expect(countedBy(report)).toEqual(truth);
  expect(before.finished).toBeLessThan(before.ranges);
  expect(await sampling.works.find(tenant, id)).toBeUndefined();
}, 90_000);

it('begins anew where the store has forgotten its snapshot, and after some times reads range by range', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 9);
  const job = await sampling.jobs.createSole(tenant, {
    ...{ id: `old-${tenant.sandbox}`, type: 'SAMPLE', properties: {}, requestedBy: 'me', requestId: 'r', createdAt: 1 },
  });
  const work = { generation: 3, at: 1, ratio: 1, graph: 'pdg' as const, mergeStrategy: 'x', ranges: 3 };
  await sampling.works.begin(tenant, job.id, {
    ...work,
    snapshot: `${Math.floor(Date.now() / 1_000) - 1_000_000}.1`,
    kept: { clusters: 0, identities: 0 },
  });
  sampling.startWorker();
  await sampling.ended(tenant, job.id);
  const report = await expectTruth(tenant, 1);
  expect(report.at).toBeGreaterThan(1);
}, 60_000);

it('does not count what deletions that were accepted have yet to remove', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 11);
  const [now, xid] = [Date.now(), xidOf(tenant, 'email', 'p3-0')];
  const datasets = ['records-a', 'events-0'].map((name) => `${tenant.sandbox}-${name}`);
  const subjects = datasets.map((datasetId) => ({ kind: 'dataset', datasetId }) as const);
  await new FenceSetter(sampling.database).set(tenant, [...subjects, { kind: 'person', xid }], now, 'deletion');
  // Accepted after the deletion, in place of what goes or beside it.
  const later = { xid, age: 2, version: '2', acceptedAt: now + 60_000, body: '{}' };
  await sampling.fragments.apply(tenant, [{ ...later, datasetId: `${tenant.sandbox}-records-a` }]);
  sampling.startWorker();
  await sampling.ended(tenant, (await sampling.ask(tenant)).id);
  const before = await recount(sampling.database, tenant, {
    ratio: 1,
    at: (await reportOf(tenant)).at,
    stitched: true,
  });
  for (const [collection, named] of [
    ['fragments', { xid }],
    ['events', { xids: xid }],
  ] as const) {
    const gone = { acceptedAt: { $lte: now }, $or: [{ datasetId: { $in: datasets } }, named] };
    expect((await sampling.database.collection(collection).deleteMany(gone)).deletedCount).toBeGreaterThan(5);
  }
  expect((await expectTruth(tenant, 1)).tally.fragments).toBeLessThan(before.fragments);
}, 60_000);

it('has one sample at a time in a sandbox', async () => {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, 10, 40);
  const asked = await Promise.all([1, 2, 3].map(() => sampling.ask(tenant)));
  expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
  const elsewhere = await sampling.ask(sampling.newTenant());
  expect(elsewhere.id).not.toBe(asked[0]?.id);
  sampling.startWorker();
  await sampling.ended(tenant, asked[0]?.id ?? '');
  expect((await sampling.ask(tenant)).id).not.toBe(asked[0]?.id);
}, 60_000);
