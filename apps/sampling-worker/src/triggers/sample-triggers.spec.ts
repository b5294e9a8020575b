import { ulid } from 'ulid';
import type { Tenant } from '@tessera/contracts';
import { BatchStore, type Batch } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { fillAtRandom, ownSampling } from '../sampling.fixture.js';

/** Real: MongoDB, Kafka, Redis. */
const sampling = ownSampling();
beforeAll(sampling.prepare, 60_000);
afterEach(sampling.stopWorkers, 30_000);
afterAll(sampling.close, 60_000);

async function sampled(tenant: Tenant): Promise<number> {
  const { totalCount } = await sampling.jobs.list(tenant, { types: ['SAMPLE'] }, { start: 0, limit: 1 });
  return totalCount;
}

/** A sandbox whose last sample is up to date. */
async function settled(people: number): Promise<Tenant> {
  const tenant = sampling.newTenant();
  await fillAtRandom(sampling, tenant, people, people);
  await sampling.triggers.look('streaming');
  const [job] = (await sampling.jobs.list(tenant, {}, { start: 0, limit: 1 })).children;
  await sampling.ended(tenant, job?.id ?? '');
  return tenant;
}

async function newPeople(tenant: Tenant, from: number, count: number): Promise<void> {
  const evidence = Array.from({ length: count }, (_, index) => {
    const id = `new-${from + index}`;
    const identity = { xid: `${tenant.sandbox}-${id}`.padEnd(27, '-').slice(0, 27), namespace: 'email', id };
    return { identities: [identity], links: true, datasetId: 'd', first: 1, last: 1, acceptedAt: 1 };
  });
  await sampling.graph.apply(tenant, evidence);
}

async function ingested(tenant: Tenant): Promise<void> {
  const now = Date.now();
  const batch: Batch = {
    ...{ id: ulid(), tenant, datasetId: 'd', behavior: 'record', status: 'loading' },
    ...{ inputFormat: { format: 'json' }, enableErrorDiagnostics: false, partialIngestionPercent: 0 },
    ...{ created: now, updated: now, createdUser: 'me', updatedUser: 'me', version: 1, requestId: 'r' },
    metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 10 },
    errors: [],
  };
  const batches = new BatchStore(sampling.database);
  await batches.create(batch);
  await batches.transition(tenant, batch.id, ['loading'], 'success');
}

it('asks for a sample once the number of people has moved by over five per cent, and not before', async () => {
  sampling.startWorker();
  const tenant = await settled(100);
  expect(await sampling.people.find(tenant)).toMatchObject({ clusters: 100 });
  await newPeople(tenant, 0, 5);
  await sampling.triggers.look('streaming');
  expect(await sampled(tenant)).toBe(1);
  await newPeople(tenant, 0, 5);
  await sampling.triggers.look('streaming');
  expect(await sampled(tenant)).toBe(1);
  await newPeople(tenant, 5, 1);
  await sampling.triggers.look('streaming');
  expect(await sampled(tenant)).toBe(2);
  const [job] = (await sampling.jobs.list(tenant, {}, { start: 0, limit: 1 })).children;
  await sampling.ended(tenant, job?.id ?? '');
  expect(await sampling.reports.latestSummary(tenant)).toMatchObject({
    trigger: 'streaming',
    people: { clusters: 106 },
  });
}, 60_000);

it('looks after a batch only at sandboxes into which one was ingested since', async () => {
  sampling.startWorker();
  const tenant = await settled(60);
  await newPeople(tenant, 0, 30);
  await sampling.triggers.look('batch');
  expect(await sampled(tenant)).toBe(1);
  await ingested(tenant);
  await sampling.triggers.look('batch');
  expect(await sampled(tenant)).toBe(2);
  await eventually(async () => expect((await sampling.reports.latestSummary(tenant))?.trigger).toBe('batch'));
}, 60_000);

it('looks again and again by itself, also after Redis has forgotten the schedule', async () => {
  sampling.startWorker(300);
  const tenant = sampling.newTenant();
  await newPeople(tenant, 0, 20);
  const until = (clusters: number) =>
    eventually(async () => expect((await sampling.reports.latestSummary(tenant))?.people.clusters).toBe(clusters), {
      timeout: 30_000,
    });
  await until(20);
  await sampling.loseRedis();
  await newPeople(tenant, 20, 20);
  await until(40);
}, 90_000);
