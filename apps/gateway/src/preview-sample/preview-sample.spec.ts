import type { SampleTally } from '@tessera/domain';
import { Database, SampleReportStore, type SampleReport } from '@tessera/stores';
import { testServers, uniqueDatabaseName } from '@tessera/testing';
import { readOnly, startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';
import { timestamp } from './sample-status-answer.js';

const DAY = 86_400_000;
const PATH = '/data/core/ups/previewsamplestatus';
const tenant = { organisation: 'A@TesseraOrg', sandbox: 'prod' };
const sampledAt = Date.parse('2026-08-01T17:57:57Z');

const tally: SampleTally = {
  ...{ clusters: 8, identities: 10, profiles: 7, sampled: 3, fragments: 9, records: 6, events: 40 },
  datasets: [
    ['d1', { sample: 2, full: 5 }],
    ['d2', { sample: 1, full: 4 }],
  ],
  namespaces: [
    ['crmid', { sample: 1, full: 2, fragments: 3 }],
    ['email', { sample: 3, full: 7, fragments: 6 }],
  ],
  datasetOverlap: [
    ['d1', 3],
    ['d1,d2', 2],
    ['d2', 2],
  ],
  namespaceOverlap: [
    ['crmid,email', 2],
    ['email', 5],
  ],
  unstitched: [
    { period: 7, namespace: 'crmid', profiles: 1, events: 0 },
    { period: 7, namespace: 'email', profiles: 2, events: 12 },
    { period: 30, namespace: 'email', profiles: 1, events: 4 },
  ],
};

const reportAt = (at: number, more: Partial<SampleReport> = {}): SampleReport => ({
  id: `job-${at}`,
  at,
  submittedAt: at,
  ratio: 1,
  mergeStrategy: 'timestampOrdered_pdg',
  trigger: 'streaming',
  lastBatch: { id: 'batch-1', finishedAt: sampledAt - 500 },
  tally,
  datasets: [
    { id: 'd1', name: 'People', description: 'Everybody', streaming: true, createdUser: 'me' },
    { id: 'd2', name: 'Purchases', description: '', streaming: false, createdUser: 'you' },
  ],
  namespaces: [
    { key: 'crmid', code: 'CRMID', id: 1_000_000 },
    { key: 'email', code: 'Email', id: 6 },
  ],
  people: { clusters: 8, identities: 10 },
  ...more,
});

/** Real: MongoDB, Kafka, Redis; reports are put there as a worker would. */
describe('preview sample status', () => {
  const name = uniqueDatabaseName();
  const database = Database.create({ uri: testServers().mongodbUri, name });
  const reports = new SampleReportStore(database);
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ MONGODB_DATABASE: name });
    await untilReady(gateway);
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await database.client.db(name).dropDatabase();
    await database.close();
  }, 60_000);

  const get = async (path = '', organisation = 'A@TesseraOrg') => {
    const headers = await gateway.headers({ 'x-gw-ims-org-id': organisation });
    const answer = await gateway.application.inject({ method: 'GET', url: `${PATH}${path}`, headers });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  const post = async (payload: object | undefined, headers: Record<string, string> = {}) => {
    const all = { ...(await gateway.headers()), ...headers };
    const answer = await gateway.application.inject({
      method: 'POST',
      url: PATH,
      headers: all,
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  it('is zeros in the same shape before the first sample, and no report is there', async () => {
    expect((await get()).body).toEqual({
      numRowsToRead: '0',
      sampleJobRunning: { status: false, submissionTimestamp: '1970-01-01 00:00:00.0' },
      docCount: '"0"',
      cosmosDocCount: '"0"',
      totalFragmentCount: 0,
      lastSuccessfulBatchTimestamp: '"null"',
      streamingDriven: '"false"',
      totalRows: '0',
      lastBatchId: '"null"',
      status: 'NOT_STARTED',
      samplingRatio: 0,
      mergeStrategy: 'timestampOrdered_none',
      lastSampledTimestamp: '1970-01-01 00:00:00.0',
    });
    for (const path of ['dataset', 'namespace', 'dataset/overlap', 'namespace/overlap', 'unstitchedProfiles']) {
      expect(await get(`/report/${path}`)).toMatchObject({ status: 404, body: { code: 'TSR-SMP-0404' } });
    }
  });

  it('is the last sample, with the shapes that published clients read', async () => {
    await reports.add(tenant, reportAt(sampledAt - 10 * DAY, { tally: { ...tally, profiles: 1 } }));
    await reports.add(tenant, reportAt(sampledAt));
    await reports.add({ ...tenant, organisation: 'B@TesseraOrg' }, reportAt(sampledAt + DAY, { id: 'foreign' }));
    expect((await get()).body).toEqual({
      numRowsToRead: '3',
      sampleJobRunning: { status: false, submissionTimestamp: '2026-08-01 17:57:57.0' },
      docCount: '"46"',
      cosmosDocCount: '"46"',
      totalFragmentCount: 9,
      lastSuccessfulBatchTimestamp: '"2026-08-01 17:57:56.5"',
      streamingDriven: '"true"',
      totalRows: '7',
      lastBatchId: '"batch-1"',
      status: 'TASK_FINISHED',
      samplingRatio: 1,
      mergeStrategy: 'timestampOrdered_pdg',
      lastSampledTimestamp: '2026-08-01 17:57:57.0',
    });
  });

  it('writes times as published clients read them', () => {
    expect([0, 1, 10, 120, 999].map((milliseconds) => timestamp(sampledAt + milliseconds).slice(17))).toEqual([
      '57.0',
      '57.001',
      '57.01',
      '57.12',
      '57.999',
    ]);
  });

  it('reports by dataset and by namespace, with fractions of six decimals', async () => {
    const reportTimestamp = '2026-08-01T17:57:57.000Z';
    expect((await get('/report/dataset')).body).toEqual({
      data: [
        {
          ...{ sampleCount: 2, samplePercentage: 0.666667, fullIDsCount: 5, fullIDsPercentage: 0.714286 },
          ...{ name: 'People', description: 'Everybody', value: 'd1', streamingIngestionEnabled: 'true' },
          ...{ createdUser: 'me', reportTimestamp },
        },
        {
          ...{ sampleCount: 1, samplePercentage: 0.333333, fullIDsCount: 4, fullIDsPercentage: 0.571429 },
          ...{ name: 'Purchases', description: '', value: 'd2', streamingIngestionEnabled: 'false' },
          ...{ createdUser: 'you', reportTimestamp },
        },
      ],
      reportTimestamp,
    });
    expect((await get('/report/namespace')).body).toEqual({
      data: [
        {
          ...{ sampleCount: 1, samplePercentage: 0.333333, reportTimestamp, fullIDsFragmentCount: 3 },
          ...{ fullIDsCount: 2, fullIDsPercentage: 0.285714, code: 'CRMID', value: 1_000_000 },
        },
        {
          ...{ sampleCount: 3, samplePercentage: 1, reportTimestamp, fullIDsFragmentCount: 6 },
          ...{ fullIDsCount: 7, fullIDsPercentage: 1, code: 'Email', value: 6 },
        },
      ],
      reportTimestamp,
    });
  });

  it('reports overlaps by exact set', async () => {
    expect((await get('/report/dataset/overlap')).body['data']).toEqual({ d1: 3, 'd1,d2': 2, d2: 2 });
    expect((await get('/report/namespace/overlap')).body['data']).toEqual({ 'CRMID,Email': 2, Email: 5 });
  });

  it('reports unstitched profiles by period and namespace', async () => {
    const none = { countOfProfiles: 0, eventsAssociated: 0, nsDistribution: {} };
    expect((await get('/report/unstitchedProfiles')).body['data']).toEqual({
      totalNumberOfProfiles: 7,
      totalNumberOfEvents: 40,
      unstitchedProfiles: {
        '7days': {
          ...{ countOfProfiles: 3, eventsAssociated: 12 },
          nsDistribution: {
            CRMID: { countOfProfiles: 1, eventsAssociated: 0 },
            Email: { countOfProfiles: 2, eventsAssociated: 12 },
          },
        },
        '30days': {
          ...{ countOfProfiles: 1, eventsAssociated: 4 },
          nsDistribution: { Email: { countOfProfiles: 1, eventsAssociated: 4 } },
        },
        '60days': none,
        '90days': none,
        '120days': none,
      },
    });
  });

  it('keeps every report of a day and shows the last one of it', async () => {
    await reports.add(tenant, reportAt(sampledAt + 1_000, { tally: { ...tally, datasetOverlap: [['d9', 1]] } }));
    expect((await get('/report/dataset/overlap?date=2026-08-01')).body['data']).toEqual({ d9: 1 });
    expect((await get('/report/dataset/overlap')).body['data']).toEqual({ d9: 1 });
    expect((await get('/report/dataset/overlap?date=2026-07-22')).body['data']).toEqual({ d1: 3, 'd1,d2': 2, d2: 2 });
    expect((await get('/report/dataset/overlap?date=2026-07-31')).status).toBe(404);
    for (const date of ['yesterday', '2026-02-30', '2026-8-1', '']) {
      expect((await get(`/report/dataset?date=${date}`)).status).toBe(400);
    }
    expect(await database.client.db(name).collection('reports').countDocuments({ tenant: 'A@TesseraOrg/prod' })).toBe(
      3,
    );
  });

  it('takes up a sample, one at a time', async () => {
    for (const samplingRatio of [0, 1.1, '1']) expect((await post({ samplingRatio })).status).toBe(400);
    const first = await post({ samplingRatio: 0.5 });
    expect(first).toMatchObject({
      status: 202,
      body: { jobType: 'SAMPLE', status: 'NEW', properties: { samplingRatio: 0.5, trigger: 'request' } },
    });
    const second = await post(undefined);
    expect(second).toMatchObject({ status: 202, body: { id: first.body['id'] } });
    expect((await get()).body['sampleJobRunning']).toMatchObject({ status: true });
    expect((await get('', 'B@TesseraOrg')).body['sampleJobRunning']).toMatchObject({ status: false });
    const authorization = `Bearer ${await gateway.token(readOnly)}`;
    expect((await post({}, { authorization, 'x-api-key': readOnly.clientId })).status).toBe(403);
  });
});
