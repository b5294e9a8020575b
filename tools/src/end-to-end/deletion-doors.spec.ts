import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@tessera/contracts';
import { eventually, readParquet } from '@tessera/testing';
import { builtInSchemas, type DataSetReference } from '../client/record-message.js';
import { deletionBench } from './deletions.fixture.js';

const PEOPLE = 60;
const EXPORTS = '/data/core/ups/export/jobs';
const SAMPLES = '/data/core/ups/previewsamplestatus';

interface Exported {
  readonly id: number;
  readonly status: string;
  readonly destination: { readonly batchId: string };
  readonly errors?: unknown;
}

interface ReportedDataset {
  readonly value: string;
  readonly fullIDsCount: number;
}

/** Real: every service as a process, Kafka, MongoDB, Redis, files. */
describe('exports and reports', () => {
  let bench: Awaited<ReturnType<typeof deletionBench>>;
  let folder: string;
  let target: string;
  let going: DataSetReference;
  let staying: DataSetReference;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-doors-'));
    bench = await deletionBench();
    const schemaRef = { id: 'https://ns.adobe.com/xdm/context/profile__union' };
    const body = JSON.stringify({ name: 'exported', schemaRef });
    const path = '/data/foundation/catalog/dataSets';
    const [reference = ''] = await bench.client.expect<string[]>({ method: 'POST', path, body }, 201);
    target = reference.slice('@/dataSets/'.length);
    going = await bench.client.createDataSet('going', builtInSchemas.profile);
    staying = await bench.client.createDataSet('staying', builtInSchemas.profile);
  }, 180_000);
  afterAll(async () => {
    await bench?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const email = (n: number) => `p${n}@example.com`;
  const about = (n: number, wave: string) => {
    const identityMap = { Email: [{ id: email(n), primary: true }] };
    return [bench.message(going, { identityMap, going: wave }), bench.message(staying, { identityMap, staying: wave })];
  };
  const exported = async (): Promise<Exported> => {
    const order = { schema: { name: '_xdm.context.profile' }, destination: { datasetId: target } };
    const { id } = await bench.client.expect<Exported>({ method: 'POST', path: EXPORTS, body: JSON.stringify(order) });
    return eventually(
      async () => {
        const now = await bench.client.expect<Exported>({ method: 'GET', path: `${EXPORTS}/${id}` });
        if (now.status !== 'SUCCEEDED') throw new Error(`${now.status}: ${JSON.stringify(now.errors)}`);
        return now;
      },
      { timeout: 120_000 },
    );
  };
  /** What the files of an export have of everybody, by email, as a client downloads them. */
  const rowsOf = async ({ destination: { batchId } }: Exported): Promise<Map<string, JsonObject>> => {
    const { client } = bench;
    const files = `/data/foundation/export/batches/${batchId}/files`;
    const headers = { ...(await client.authenticate()) };
    const rows: JsonObject[] = [];
    const { data } = await client.expect<{ data: { dataSetFileId: string }[] }>({ method: 'GET', path: files });
    for (const { dataSetFileId } of data) {
      const path = `/data/foundation/export/files/${dataSetFileId}`;
      const list = await client.expect<{ data: { _links: { self: { href: string } } }[] }>({ method: 'GET', path });
      for (const { _links } of list.data) {
        const file = join(folder, `${dataSetFileId}.parquet`);
        await writeFile(file, Buffer.from(await (await fetch(_links.self.href, { headers })).arrayBuffer()));
        rows.push(...(await readParquet(file)));
      }
    }
    return new Map(rows.map((row) => [(row['identityMap'] as { email: [{ id: string }] }).email[0].id, row]));
  };
  const statesOf = (row: JsonObject | undefined): string =>
    ['before', 'after'].filter((wave) => JSON.stringify(row).includes(wave)).join(' and ');
  const sampled = async (): Promise<Map<string, number>> => {
    await bench.client.expect({ method: 'POST', path: SAMPLES, body: '{}' }, 202);
    await eventually(
      async () => {
        const now = await bench.client.expect<{ sampleJobRunning: { status: boolean } }>({
          method: 'GET',
          path: SAMPLES,
        });
        expect(now.sampleJobRunning.status).toBe(false);
      },
      { timeout: 120_000 },
    );
    const path = `${SAMPLES}/report/dataset`;
    const { data } = await bench.client.expect<{ data: ReportedDataset[] }>({ method: 'GET', path });
    return new Map(data.map(({ value, fullIDsCount }) => [value, fullIDsCount]));
  };

  it('that are made while a deletion is on its way have nothing of what it removes, and receipts name those from before', async () => {
    const everyone = Array.from({ length: PEOPLE }, (_, n) => n);
    await bench.stream(everyone.flatMap((n) => about(n, 'before')));
    await bench.quiet();
    const early = await exported();
    expect([...(await rowsOf(early)).keys()].sort()).toEqual(everyone.map(email).sort());
    expect(await sampled()).toEqual(new Map([going, staying].map(({ id }) => [id, PEOPLE])));

    // Accepted, and nothing of it removed yet: what is made now could have all of it.
    const workers = bench.platform.instances('deletion-worker');
    await Promise.all(workers.map((worker) => worker.stop()));
    const jobs = [await bench.request({ dataSetId: going.id }), await bench.deletePerson('Email', email(0))];
    const [meanwhile, counts] = await Promise.all([exported(), sampled()]);
    expect(await bench.db.collection('fragments').countDocuments()).toBe(2 * PEOPLE);
    const rows = await rowsOf(meanwhile);
    expect([...rows.keys()].sort()).toEqual(everyone.slice(1).map(email).sort());
    expect([...rows.values()].filter((row) => JSON.stringify(row).includes('"going"'))).toEqual([]);
    expect([counts.get(going.id) ?? 0, counts.get(staying.id)]).toEqual([0, PEOPLE - 1]);

    // What is accepted later stays, whenever the deletion gets there.
    const returning = everyone.slice(0, 10);
    await bench.stream(returning.flatMap((n) => about(n, 'after')));
    await Promise.all(workers.map((worker) => worker.start()));
    for (const { id } of jobs) expect(await bench.ended(id, 120_000)).toMatchObject({ status: 'SUCCESS' });
    await bench.quiet();
    const late = await rowsOf(await exported());
    expect(late.size).toBe(PEOPLE);
    expect(everyone.map((n) => statesOf(late.get(email(n))))).toEqual(
      everyone.map((n) => (n < returning.length ? 'after' : 'before')),
    );
    const after = await sampled();
    expect([after.get(going.id), after.get(staying.id)]).toEqual([returning.length, PEOPLE]);
    const mentioned = async (id: string | undefined) =>
      (await bench.receipt(id ?? '')).exports.flatMap(({ batchIds }) => batchIds);
    const ofPerson = await mentioned(jobs[1]?.id);
    expect(ofPerson).toContain(early.destination.batchId);
    expect(ofPerson).not.toContain(meanwhile.destination.batchId);
  }, 400_000);
});
