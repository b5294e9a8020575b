import { randomUUID } from 'node:crypto';
import type { JobType, Tenant } from '@tessera/contracts';
import {
  AbandonedDeletions,
  AuditStore,
  BatchStore,
  DeletionReceipts,
  exportJobId,
  HiddenBatches,
} from '@tessera/stores';
import { startSystemJobs } from './system-jobs.fixture.js';

/** Real: MongoDB and Kafka. No worker does the jobs. */
describe('system jobs', () => {
  let bench: Awaited<ReturnType<typeof startSystemJobs>>;
  let tenant: Tenant;

  beforeAll(async () => {
    bench = await startSystemJobs();
  }, 60_000);
  beforeEach(() => {
    tenant = bench.application.newTenant();
  });
  afterAll(() => bench.close());

  const post = (body: object, of = tenant) => bench.call(of, '', { method: 'POST', body });
  const entitiesOf = (query: object, of = tenant) =>
    bench.application.call(of, `/data/core/ups/access/entities?${new URLSearchParams({ ...query }).toString()}`, {
      method: 'DELETE',
    });

  it('delete a dataset, in either spelling, with the names of two generations of clients', async () => {
    for (const name of ['dataSetId', 'datasetId']) {
      const id = await bench.dataset(tenant);
      const before = Date.now();
      const { status, body } = await post({ [name]: id });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: body['requestId'],
        requestType: 'TRUNCATE_DATASET',
        jobType: 'DELETE',
        imsOrgId: tenant.organisation,
        sandbox: { sandboxName: tenant.sandbox, type: 'development', default: false },
        status: 'NEW',
        properties: { datasetId: id },
        dataSetId: id,
        progress: 0,
      });
      expect(JSON.parse(String(body['metrics']))).toMatchObject({ recordsProcessed: 0 });
      const table = await bench.fences.read(tenant, { datasetIds: [id], batchIds: [], xids: [] });
      expect(table.ofSource({ datasetId: id })).toBeGreaterThanOrEqual(before);
      expect(table.ofSource({ datasetId: id })).toBeLessThan(Date.now());
    }
  });

  it('delete one batch of events', async () => {
    const datasetId = await bench.dataset(tenant, 'time-series');
    const batchId = await bench.batch(tenant, datasetId, 'time-series');
    const { status, body } = await post({ batchId });
    expect([status, body['requestType'], body['batchId'], body['dataSetId']]).toEqual([
      200,
      'DELETE_EE_BATCH',
      batchId,
      datasetId,
    ]);
  });

  it('refuse what cannot be deleted, saying why', async () => {
    const [people, visits] = [await bench.dataset(tenant), await bench.dataset(tenant, 'time-series')];
    const [ofPeople, ofVisits] = [
      await bench.batch(tenant, people, 'record'),
      await bench.batch(tenant, visits, 'time-series'),
    ];
    const foreign = await bench.dataset(bench.application.newTenant());
    const refusals: readonly [object, number, string][] = [
      [{}, 400, 'dataSetId'],
      [{ dataSetId: people, datasetId: visits }, 400, 'two datasets'],
      [{ batchId: ofVisits, datasetId: people }, 400, 'not of the dataset'],
      [{ batchId: ofPeople }, 400, 'Batch can only be specified for EE type'],
      [{ dataSetId: 7 }, 400, ''],
      [{ dataSetId: 'f'.repeat(24) }, 404, 'no dataset'],
      [{ dataSetId: foreign }, 404, 'no dataset'],
      [{ batchId: 'NONE' }, 404, 'no batch'],
    ];
    for (const [body, status, text] of refusals) {
      const answer = await post(body);
      expect([body, answer.status]).toEqual([body, status]);
      expect(answer.text).toContain(text);
    }
    expect(await bench.jobsOf(tenant)).toEqual([]);
  });

  it('are refused while the identical one is not done, naming it, however many ask at once', async () => {
    const id = await bench.dataset(tenant);
    const answers = await Promise.all(Array.from({ length: 4 }, () => post({ dataSetId: id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
    const [job] = await bench.jobsOf(tenant);
    for (const answer of answers.filter(({ status }) => status === 422)) expect(answer.text).toContain(job?.id);
    await bench.jobs.finish(tenant, job?.id ?? '', { status: 'SUCCESS' });
    expect((await post({ dataSetId: id })).status).toBe(200);
  });

  it('delete a person with everyone in the scope of the policy, once accepted with an empty answer', async () => {
    await bench.link(tenant, ['ada', 'lovelace']);
    const policies = await bench.application.call<{ children: { id: string }[] }>(
      tenant,
      '/data/core/ups/config/mergePolicies',
    );
    expect(policies.status).toBe(200);
    const query = { 'schema.name': '_xdm.context.profile', entityId: 'ada', entityIdNS: 'Email' };
    const answer = await entitiesOf(query);
    expect([answer.status, answer.text]).toEqual([202, '']);
    const [job] = await bench.jobsOf(tenant);
    const xids = ['ada', 'lovelace'].map((email) => bench.xid(tenant, email));
    expect(job).toMatchObject({ type: 'DELETE_PROFILE', properties: { entityId: xids[0] } });
    const table = await bench.fences.read(tenant, { datasetIds: [], batchIds: [], xids });
    for (const xid of xids) expect(table.ofPerson(xid)).toBe(job?.properties['at']);
    const shown = await bench.call<{ children: object[] }>(tenant);
    expect(shown.body.children).toEqual([
      expect.objectContaining({ jobType: 'DELETE', requestType: 'DELETE_PROFILE' }),
    ]);
  });

  it('delete the one identity alone under a policy without a graph', async () => {
    await bench.link(tenant, ['ada', 'lovelace']);
    const policy = { name: 'p', schema: { name: '_xdm.context.profile' }, identityGraph: { type: 'none' } };
    const { body } = await bench.application.call(tenant, '/data/core/ups/config/mergePolicies', {
      method: 'POST',
      body: { ...policy, attributeMerge: { type: 'timestampOrdered' } },
    });
    const query = { 'schema.name': '_xdm.context.profile', entityId: bench.xid(tenant, 'ada') };
    expect((await entitiesOf({ ...query, mergePolicyId: String(body['id']) })).status).toBe(202);
    const [job] = await bench.jobsOf(tenant);
    expect((job?.properties['members'] as unknown[]).length).toBe(1);
    expect((await entitiesOf({ ...query, mergePolicyId: 'none' })).status).toBe(404);
  });

  it('delete people of the profile schema only', async () => {
    for (const query of [
      { 'schema.name': '_xdm.context.experienceevent', entityId: 'ada', entityIdNS: 'Email' },
      { 'schema.name': '_xdm.context.profile' },
      { entityId: 'ada', entityIdNS: 'Email' },
      { 'schema.name': '_xdm.context.profile', entityId: 'no xid' },
    ]) {
      expect([query, (await entitiesOf(query)).status]).toEqual([query, 400]);
    }
  });

  it('list what clients asked for, not what other lists have', async () => {
    const types: JobType[] = [
      'EXPORT',
      'SAMPLE',
      'INGEST_BATCH',
      'REVERT_BATCH',
      'BACKFILL_TTL',
      'REPLAY_DEAD_LETTERS',
    ];
    const ids = new Map<JobType, string>();
    for (const type of types) {
      const id = randomUUID();
      ids.set(type, id);
      const order = { requestedBy: 'c', requestId: 'r', createdAt: ids.size };
      await bench.jobs.create(tenant, { id, type, properties: {}, ...order });
    }
    const listed = await bench.call<{ children: { requestType: string }[]; _page: object }>(tenant);
    expect(listed.body.children.map(({ requestType }) => requestType)).toEqual(['BACKFILL_TTL', 'REPLAY_DEAD_LETTERS']);
    expect(listed.body._page).toMatchObject({ totalCount: 2 });
    expect((await bench.call(tenant, `/${ids.get('EXPORT')}`)).status).toBe(404);
    expect((await bench.call(tenant, `/${ids.get('EXPORT')}`, { method: 'DELETE' })).status).toBe(404);
    expect((await bench.call(tenant, `/${ids.get('BACKFILL_TTL')}`)).status).toBe(200);
  });

  it('are listed by start or page, which number pages alike, and not by two that differ', async () => {
    for (const createdAt of [1, 2]) {
      const order = { requestedBy: 'c', requestId: 'r', createdAt };
      await bench.jobs.create(tenant, { id: randomUUID(), type: 'BACKFILL_TTL', properties: {}, ...order });
    }
    const listed = (query: string) => bench.call<{ children: object[] }>(tenant, `?limit=1&${query}`);
    const second = (await listed('start=1')).body;
    expect(second.children).toHaveLength(1);
    for (const query of ['page=1', 'start=1&page=1']) expect((await listed(query)).body).toEqual(second);
    const refused = { status: 400, body: { code: 'TSR-GEN-4400', errors: [{ path: '/page' }] } };
    expect(await listed('start=0&page=1')).toMatchObject(refused);
  });

  it('are gone when they are removed, which is on record, and may then be asked for again', async () => {
    const id = await bench.dataset(tenant);
    const { body } = await post({ dataSetId: id });
    const path = `/${String(body['id'])}`;
    const removed = await bench.call(tenant, path, { method: 'DELETE' });
    expect([removed.status, removed.text]).toEqual([200, '']);
    expect((await bench.call(tenant, path)).status).toBe(404);
    expect((await bench.call(tenant, path, { method: 'DELETE' })).status).toBe(404);
    const audit = await new AuditStore(bench.application.database).list(tenant, { start: 0, limit: 9 });
    expect(audit.children.map(({ action, by, subject }) => [action, by, subject])).toEqual([
      ['withdrawn', 'test-client', { datasetId: id }],
      ['accepted', 'test-client', { datasetId: id }],
    ]);
    expect((await post({ dataSetId: id })).status).toBe(200);
  });

  it('are noted for their worker when they are taken back, and not when they are only forgotten', async () => {
    const abandoned = new AbandonedDeletions(bench.application.database);
    const [ended, taken] = [await bench.dataset(tenant), await bench.dataset(tenant)];
    const before = Date.now();
    const jobIds = await Promise.all(
      [ended, taken].map(async (id) => String((await post({ dataSetId: id })).body['id'])),
    );
    await bench.jobs.finish(tenant, jobIds[0] ?? '', { status: 'SUCCESS' });
    for (const id of jobIds) expect((await bench.call(tenant, `/${id}`, { method: 'DELETE' })).status).toBe(200);
    const noted = (await abandoned.before(Infinity, '', 99)).filter((one) => one.tenant.sandbox === tenant.sandbox);
    expect(noted).toEqual([{ id: jobIds[1], tenant, datasetId: taken, at: expect.any(Number) as number }]);
    expect(noted[0]?.at).toBeGreaterThanOrEqual(before);
  });

  it('of a dataset that was removed are not taken back, and may be asked for again once they have ended', async () => {
    const id = await bench.dataset(tenant);
    const job = await bench.datasets.delete(tenant, id, { requestedBy: 'c', requestId: 'r' });
    const path = `/${job?.id}`;
    expect(await bench.call(tenant, path, { method: 'DELETE' })).toMatchObject({
      status: 409,
      body: { code: 'TSR-DEL-1409' },
    });
    expect((await bench.call(tenant, path)).status).toBe(200);
    expect(await post({ dataSetId: id })).toMatchObject({
      status: 422,
      body: { code: 'TSR-DEL-0422', detail: expect.stringContaining(job?.id ?? '?') as string },
    });
    await bench.jobs.finish(tenant, job?.id ?? '', { status: 'FAILED', error: 'something was left' });
    const again = await post({ dataSetId: id });
    expect(again.status).toBe(200);
    expect((await post({ dataSetId: id })).status).toBe(422);
    expect((await bench.jobs.find(tenant, String(again.body['id'])))?.properties).toMatchObject({ isRemoved: true });
    expect((await bench.call(tenant, path, { method: 'DELETE' })).status).toBe(200);
    expect((await post({ dataSetId: 'e'.repeat(24) })).status).toBe(404);
  });

  it('of a dataset that is removed meanwhile go on beside the one of the removal', async () => {
    const id = await bench.dataset(tenant);
    const requested = String((await post({ dataSetId: id })).body['id']);
    const removal = await bench.datasets.delete(tenant, id, { requestedBy: 'c', requestId: 'r' });
    expect(removal).toBeDefined();
    await bench.jobs.finish(tenant, requested, { status: 'SUCCESS' });
    const again = await post({ dataSetId: id });
    expect(again).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining(removal?.id ?? '?') as string },
    });
  });

  it('of batches that are taken back let be seen what is left', async () => {
    const datasetId = await bench.dataset(tenant, 'time-series');
    const batchId = await bench.batch(tenant, datasetId, 'time-series');
    const id = String((await post({ batchId })).body['id']);
    const { database } = bench.application;
    const [batches, hidden] = [new BatchStore(database), new HiddenBatches(database)];
    // As its worker does before it removes anything.
    await batches.transition(tenant, batchId, ['success'], 'inactive', { requestId: id });
    await hidden.change(tenant, { hide: [batchId] });
    expect((await bench.call(tenant, `/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await batches.find(tenant, batchId))?.status).toBe('success');
    expect(await hidden.read(tenant)).toEqual([]);
  });

  it('have a receipt once they have ended', async () => {
    const { body } = await post({ dataSetId: await bench.dataset(tenant) });
    const id = String(body['id']);
    expect(await bench.call(tenant, `/${id}/receipt`)).toMatchObject({ status: 404, body: { code: 'TSR-DEL-0404' } });
    await new DeletionReceipts(bench.application.database).put(tenant, {
      jobId: id,
      at: 1_000,
      removed: { fragments: 3 },
      exports: [{ jobId: exportJobId(tenant.organisation, 7), datasetId: 'e', batchIds: ['b'], createdAt: 500 }],
      uploads: [{ batchId: 'u', datasetId: 'd', completedAt: 500 }],
      verification: { at: 2_000, remaining: { fragments: 0, events: 1 } },
    });
    const receipt = await bench.call(tenant, `/${id}/receipt`);
    expect(receipt.body).toMatchObject({
      id,
      requestType: 'TRUNCATE_DATASET',
      acceptedAt: '1970-01-01T00:00:01.000Z',
      stores: { fragments: { removed: 3, remaining: 0 }, events: { removed: 0, remaining: 1 } },
      exports: [{ id: 7, datasetId: 'e', batchIds: ['b'], createdAt: '1970-01-01T00:00:00.500Z' }],
      uploads: [{ batchId: 'u', datasetId: 'd', completedAt: '1970-01-01T00:00:00.500Z' }],
      verification: { scannedAt: '1970-01-01T00:00:02.000Z', clean: false },
    });
    expect((await bench.call(bench.application.newTenant(), `/${id}/receipt`)).status).toBe(404);
  });

  it('ask for the scope of those who may delete', async () => {
    const id = await bench.dataset(tenant);
    const scopes = ['profile.read', 'profile.write'] as const;
    expect((await bench.call(tenant, '', { method: 'POST', body: { dataSetId: id }, scopes })).status).toBe(403);
    expect((await bench.call(tenant, '/x', { method: 'DELETE', scopes })).status).toBe(403);
    const query = 'schema.name=_xdm.context.profile&entityId=a&entityIdNS=Email';
    const path = `/data/core/ups/access/entities?${query}`;
    expect((await bench.application.call(tenant, path, { method: 'DELETE', scopes })).status).toBe(403);
  });
});
