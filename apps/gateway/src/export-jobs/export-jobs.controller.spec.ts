import { JobStore } from '@tessera/stores';
import { startBatchGateway, elsewhere, tenant, type BatchGateway, type Received } from '../batches/batches.fixture.js';

const JOBS = '/data/core/ups/export/jobs';
const UNION = 'https://ns.adobe.com/xdm/context/profile__union';

let gateway: BatchGateway;
let target: string;
let names = 0;

beforeAll(async () => {
  gateway = await startBatchGateway();
  target = await newDataset({ schemaRef: { id: UNION } });
});
afterAll(() => gateway.close());

async function newDataset(settings: object): Promise<string> {
  names += 1;
  const answer = await gateway.send('POST', '/data/foundation/catalog/dataSets', {
    body: { name: `Target ${names}`, ...settings },
  });
  expect(answer.status).toBe(201);
  return (JSON.parse(answer.text) as [string])[0].slice('@/dataSets/'.length);
}

function create(body: object = {}): Promise<Received> {
  const whole = { destination: { datasetId: target }, schema: { name: '_xdm.context.profile' }, ...body };
  return gateway.send('POST', JOBS, { body: whole });
}

async function created(body: object = {}): Promise<{ id: number; destination: { batchId: string } }> {
  const answer = await create(body);
  expect(answer.status).toBe(200);
  return answer.body as never;
}

describe('creating an export', () => {
  it('answers with the job as the published API does', async () => {
    const filter = { segments: [{ segmentId: 'vip', segmentNs: 'ups', status: ['realized'] }] };
    const { status, body } = await create({ fields: 'person.name', filter, evaluationInfo: { segmentation: true } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      profileInstanceId: 'ups',
      jobType: 'BATCH',
      schema: { name: '_xdm.context.profile' },
      status: 'NEW',
      computeGatewayJobId: {},
      destination: {
        datasetId: target,
        segmentPerBatch: false,
        batchId: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
      },
      filter,
      imsOrgId: tenant.organisation,
    });
    expect(typeof body['id']).toBe('number');
    expect(body['metrics']).toEqual({ totalTime: { startTimeInMs: body['creationTime'] } });
    expect(body['mergePolicy']).toMatchObject({ version: 1 });
  });

  it('numbers exports upwards within the organisation', async () => {
    const [first, second] = [await created(), await created()];
    expect(second.id).toBeGreaterThan(first.id);
  });

  it('keeps the merge policy and version that is named', async () => {
    const policies = await gateway.send('GET', '/data/core/ups/config/mergePolicies');
    const [policy] = policies.body['children'] as { id: string; version: number }[];
    const id = policy?.id ?? '';
    expect((await created({ mergePolicy: { id } })) as object).toMatchObject({ mergePolicy: { id, version: 1 } });
    expect((await create({ mergePolicy: { id, version: 99 } })).status).toBe(404);
    expect((await create({ mergePolicy: { id: 'none' } })).body).toMatchObject({ status: 404, code: 'TSR-POL-0404' });
  });

  it('gives each segment a batch of its own where that is asked for', async () => {
    const segments = [{ segmentId: 'a' }, { segmentId: 'a', segmentNs: 'ups', status: ['exited'] }, { segmentId: 'b' }];
    const { body } = await create({
      filter: { segments },
      destination: { datasetId: target, segmentPerBatch: true },
    });
    const { batches } = body['destination'] as { batches: { batchId: string }[] };
    expect(batches.map(({ batchId: _, ...segment }) => segment)).toEqual(segments);
    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(3);
  });

  it('refuses a dataset that cannot take it, with the reason', async () => {
    const other = await newDataset({ schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile' } });
    const feeding = await newDataset({
      schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile' },
      tags: { unifiedProfile: ['enabled:true'] },
    });
    for (const [datasetId, reasons] of [
      ['5b7c86968f7b6501e21ba9df', ['not a dataset of this sandbox']],
      [other, ['union schema']],
      [feeding, ['union schema', 'unifiedProfile']],
    ] as const) {
      const { status, body } = await create({ destination: { datasetId } });
      expect(status).toBe(400);
      const errors = body['errors'] as { path: string; message: string }[];
      expect(errors.map(({ path }) => path)).toEqual(reasons.map(() => '/destination/datasetId'));
      reasons.forEach((reason, index) => expect(errors[index]?.message).toContain(reason));
    }
  });

  it('reports every fault of a body with its place', async () => {
    const places = async (change: object): Promise<string[]> => {
      const { status, body } = await create(change);
      expect(status).toBe(400);
      return (body['errors'] as { path: string }[]).map(({ path }) => path).sort();
    };
    const faulty = {
      fields: 'person(',
      filter: {
        fromIngestTimestamp: 'yesterday',
        segmentQualificationTime: { startTime: '2026-02-01', endTime: '2026-01-01' },
      },
      additionalFields: { eventList: { fields: ',', filter: { fromIngestTimestamp: '30 February' } } },
      destination: { datasetId: target, segmentPerBatch: true },
    };
    expect(await places(faulty)).toEqual([
      '/additionalFields/eventList/fields',
      '/additionalFields/eventList/filter/fromIngestTimestamp',
      '/destination/segmentPerBatch',
      '/fields',
      '/filter/fromIngestTimestamp',
      '/filter/segmentQualificationTime',
      '/filter/segmentQualificationTime/endTime',
    ]);
    expect(
      await places({ ...faulty, fields: 3, additionalFields: {}, destination: { segmentPerBatch: true }, schema: {} }),
    ).toEqual([
      '/destination/datasetId',
      '/destination/segmentPerBatch',
      '/fields',
      '/filter/fromIngestTimestamp',
      '/filter/segmentQualificationTime',
      '/filter/segmentQualificationTime/endTime',
      '/schema/name',
    ]);
    expect(await places({ fields: '', filter: { segments: [], segmentQualificationTime: null } })).toEqual([
      '/fields',
      '/filter/segmentQualificationTime',
      '/filter/segments',
    ]);
    expect(await places({ destination: undefined, schema: undefined })).toEqual(['/destination', '/schema']);
    expect(await places({ schema: { name: '_xdm.context.account' } })).toEqual(['/schema/name']);
    expect((await gateway.send('POST', JOBS, { body: [] })).status).toBe(400);
  });

  it('tells an unknown policy together with a dataset that cannot take it', async () => {
    const destination = { datasetId: '5b7c86968f7b6501e21ba9df' };
    for (const mergePolicy of [{ id: 'none' }, { id: 'none', version: 3 }]) {
      expect(await create({ destination, mergePolicy })).toMatchObject({
        status: 400,
        body: { code: 'TSR-GEN-3400', errors: [{ path: '/destination/datasetId' }, { path: '/mergePolicy' }] },
      });
    }
  });

  it('does not let datasets of unions feed profiles', async () => {
    const body = { name: 'Feeding', schemaRef: { id: UNION }, tags: { unifiedProfile: ['enabled:true'] } };
    const answer = await gateway.send('POST', '/data/foundation/catalog/dataSets', { body });
    expect(answer.body).toMatchObject({ status: 422, title: 'Schema is not enabled for profiles' });
  });
});

describe('looking at exports', () => {
  it('shows one by its number, queued once its command is published', async () => {
    const { id } = await created();
    const { status, body } = await gateway.send('GET', `${JOBS}/${id}/`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'QUEUED', progress: 0 });
    for (const unknown of ['999999999', '0', '-1', 'x', '1e3', '99999999999999999999']) {
      expect((await gateway.send('GET', `${JOBS}/${unknown}`)).body).toMatchObject({ code: 'TSR-EXP-0404' });
    }
    expect((await gateway.send('GET', `${JOBS}/${id}`, { headers: elsewhere })).status).toBe(404);
  });

  it('says why one failed', async () => {
    const { id } = await created();
    const job = `export.${tenant.organisation}.${String(id).padStart(12, '0')}`;
    await new JobStore(gateway.database).finish(tenant, job, { status: 'FAILED', error: 'It is too late.' });
    const { body } = await gateway.send('GET', `${JOBS}/${id}`);
    expect(body).toMatchObject({ status: 'FAILED', errors: [{ code: 'TSR-EXP-0500', msg: 'It is too late.' }] });
    const { records } = (await gateway.send('GET', `${JOBS}?status=FAILED`)).body as { records: { id: number }[] };
    expect(records.map((record) => record.id)).toContain(id);
  });

  it('lists them page by page, newest first, without repeating any when more are created', async () => {
    const ids = [(await created()).id, (await created()).id, (await created()).id];
    const first = (await gateway.send('GET', `${JOBS}/?limit=2`)).body;
    expect((first['records'] as { id: number }[]).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(first['page']).toMatchObject({ sortField: 'creationTime', sort: 'desc', pageSize: 2 });
    await created();
    const { next } = first['link'] as { next: string };
    expect(next).toMatch(/^\/export\/jobs\/\?limit=2&offset=/);
    const second = (await gateway.send('GET', `/data/core/ups${next}`)).body;
    expect((second['records'] as { id: number }[])[0]?.id).toBe(ids[0]);
    const all = (await gateway.send('GET', `${JOBS}?sort=updateTime:asc&limit=1000`)).body;
    const times = (all['records'] as { updateTime: number }[]).map(({ updateTime }) => updateTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(all['link']).toEqual({ next: '' });
    expect((await gateway.send('GET', `${JOBS}?sort=name:asc`)).status).toBe(400);
    expect((await gateway.send('GET', `${JOBS}?offset=x`)).status).toBe(400);
    expect((await gateway.send('GET', `${JOBS}?status=DONE`)).status).toBe(400);
  });

  it('takes start or page, and refuses two that name different pages', async () => {
    await created();
    await created();
    const idsOf = async (query: string) => {
      const { records } = (await gateway.send('GET', `${JOBS}?limit=1&${query}`)).body as {
        records?: { id: number }[];
      };
      return records?.map(({ id }) => id);
    };
    const second = await idsOf('start=1');
    expect(second).toHaveLength(1);
    expect([await idsOf('page=1'), await idsOf('start=1&page=1')]).toEqual([second, second]);
    expect(await gateway.send('GET', `${JOBS}?limit=5&start=1&page=1`)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('page=1 is start=5') as string, errors: [{ path: '/page' }] },
    });
  });

  it.each(['asc', 'desc'])('neither skips nor repeats one by updateTime:%s while jobs go on', async (direction) => {
    const ids: number[] = [];
    for (let index = 0; index < 6; index += 1) ids.push((await created()).id);
    const store = new JobStore(gateway.database);
    const jobOf = (id: number) => `export.${tenant.organisation}.${String(id).padStart(12, '0')}`;
    const seen: number[] = [];
    let next = `/export/jobs/?limit=2&sort=updateTime:${direction}`;
    for (let page = 0; next !== ''; page += 1) {
      const { records, link } = (await gateway.send('GET', `/data/core/ups${next}`)).body as unknown as {
        records: { id: number }[];
        link: { next: string };
      };
      seen.push(...records.map(({ id }) => id));
      next = link.next;
      // One that was seen goes on, and one that was not.
      for (const id of [ids[page % 6], ids[5 - (page % 6)]]) await store.start(tenant, jobOf(id ?? 0));
    }
    expect(seen).toHaveLength(new Set(seen).size);
    expect(ids.filter((id) => seen.includes(id))).toEqual(ids);
  });

  it('goes on from the present where a page token names a moment that is not there', async () => {
    await created();
    const encoded = (snapshot: string) =>
      Buffer.from(JSON.stringify({ time: 0, id: '', snapshot })).toString('base64url');
    for (const snapshot of ['1.1', '4000000000.1', '9999999999.9999999999']) {
      const path = `${JOBS}?sort=updateTime:asc&limit=1&offset=${encoded(snapshot)}`;
      const { status, body } = await gateway.send('GET', path);
      expect([status, (body['records'] as unknown[]).length]).toEqual([200, 1]);
    }
  });

  it('keeps them out of the system jobs', async () => {
    await created();
    const { body } = await gateway.send('GET', '/data/core/ups/system/jobs?limit=1000');
    expect((body['children'] as { jobType: string }[]).filter(({ jobType }) => jobType === 'EXPORT')).toEqual([]);
  });
});

describe('cancelling an export', () => {
  it('answers 204 while it has not ended, 409 afterwards and 404 for none', async () => {
    const { id } = await created();
    expect((await gateway.send('DELETE', `${JOBS}/${id}`, { headers: elsewhere })).status).toBe(404);
    expect(await gateway.send('DELETE', `${JOBS}/${id}`)).toMatchObject({ status: 204, text: '' });
    expect((await gateway.send('GET', `${JOBS}/${id}`)).body).toMatchObject({ status: 'CANCELLED' });
    expect((await gateway.send('DELETE', `${JOBS}/${id}`)).body).toMatchObject({ status: 409, code: 'TSR-EXP-0409' });
    expect((await gateway.send('DELETE', `${JOBS}/999999999`)).status).toBe(404);
  });
});
