import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@tessera/contracts';
import {
  createTestBucket,
  eventually,
  readParquet,
  startPlatform,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
  type TestBucket,
} from '@tessera/testing';
import { BatchClient } from './batch-client.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const IMPORT = '/data/foundation/import/batches';
const JOBS = '/data/core/ups/export/jobs';
const bytes = { 'content-type': 'application/octet-stream' };

interface ExportAnswer {
  readonly id: number;
  readonly status: string;
  readonly destination: { readonly batchId: string };
  readonly errors?: unknown;
}

/** Real: every service as a process, Kafka, MongoDB, Redis, an S3-compatible store. */
describe('a platform that keeps its files in a bucket', () => {
  let bucket: TestBucket;
  let running: RunningPlatform;
  let target: string;

  beforeAll(async () => {
    bucket = await createTestBucket();
    running = await runPlatform({
      services: { edge: 0, 'deletion-worker': 0, 'sampling-worker': 0 },
      environment: { ...bucket.environment, EXPORT_RANGE_PEOPLE: '40' },
    });
    const union = 'https://ns.adobe.com/xdm/context/profile__union';
    const path = '/data/foundation/catalog/dataSets';
    const body = JSON.stringify({ name: 'exported', schemaRef: { id: union } });
    const [reference = ''] = await running.client.expect<string[]>({ method: 'POST', path, body }, 201);
    target = reference.slice('@/dataSets/'.length);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await bucket?.drop();
  }, 60_000);

  const person = (id: string, note = ''): JsonObject => ({
    identityMap: { Email: [{ id: `${id}@example.com`, primary: true }] },
    person: { name: { firstName: id } },
    note,
  });
  const lines = (people: readonly JsonObject[]) => people.map((one) => JSON.stringify(one)).join('\n');

  /** Keys of everything in the bucket that is, or may become, an object. */
  async function keys(): Promise<string[]> {
    const Bucket = bucket.name;
    const [{ Contents = [] }, { Uploads = [] }] = await Promise.all([
      bucket.s3.listObjectsV2({ Bucket }),
      bucket.s3.listMultipartUploads({ Bucket }),
    ]);
    return [...Contents, ...Uploads].map(({ Key = '' }) => Key);
  }

  async function newExport(): Promise<ExportAnswer> {
    const body = JSON.stringify({ schema: { name: '_xdm.context.profile' }, destination: { datasetId: target } });
    return running.client.expect<ExportAnswer>({ method: 'POST', path: JOBS, body });
  }

  /** A file as a client downloads it that can take a third at a time. */
  async function downloadInThirds(href: string): Promise<Buffer> {
    const headers = await running.client.authenticate();
    const head = await fetch(href, { method: 'HEAD', headers: { ...headers } });
    const size = Number(head.headers.get('content-length'));
    const parts: Buffer[] = [];
    for (const [from, to] of [0, 1, 2].map((third) =>
      [third, third + 1].map((edge) => Math.floor((edge * size) / 3)),
    )) {
      const range = `bytes=${from}-${(to ?? 0) - 1}`;
      const answer = await fetch(href, { headers: { ...headers, range } });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `${range.replace('=', ' ')}/${size}`]);
      parts.push(Buffer.from(await answer.arrayBuffer()));
    }
    return Buffer.concat(parts);
  }

  it('takes batches, large ones and ranges, and exports what they hold into files that are read in ranges', async () => {
    const { client } = running;
    const batches = new BatchClient(client);
    // More than one part of a multipart upload.
    const large = Array.from({ length: 120 }, (_, index) => person(`large${index}`, 'x'.repeat(50_000)));
    const whole = await batches.send(running.people, { format: 'json' }, [lines(large)]);

    const ranged = lines(Array.from({ length: 40 }, (_, index) => person(`ranged${index}`)));
    const body = JSON.stringify({ datasetId: running.people.id, inputFormat: { format: 'json' } });
    const { id } = await client.expect<{ id: string }>({ method: 'POST', path: IMPORT, body }, 201);
    const path = `${IMPORT}/${id}/datasets/${running.people.id}/files/ranged.json`;
    await client.expect({ method: 'POST', path, query: { action: 'INITIALIZE' } }, 201);
    const half = Math.floor(ranged.length / 2);
    for (const [from, to] of [
      [half, ranged.length],
      [0, half],
    ] as const) {
      const headers = { ...bytes, 'content-range': `bytes ${from}-${to - 1}/${ranged.length}` };
      await client.expect({ method: 'PATCH', path, headers, body: ranged.slice(from, to) });
    }
    await client.expect({ method: 'POST', path, query: { action: 'COMPLETE' } });
    await batches.act(id, 'COMPLETE');
    for (const batch of [whole, id]) {
      expect((await batches.ended(batch, 'success')).metrics.failedRecordCount).toBe(0);
    }
    await running.settled(160);

    const { id: job, destination } = await newExport();
    await eventually(
      async () => {
        const state = await client.expect<ExportAnswer>({ method: 'GET', path: `${JOBS}/${job}` });
        if (state.status !== 'SUCCEEDED') throw new Error(`${state.status}: ${JSON.stringify(state.errors)}`);
      },
      { timeout: 90_000 },
    );
    const folder = await mkdtemp(join(tmpdir(), 'tessera-downloads-'));
    const list = `/data/foundation/export/batches/${destination.batchId}/files`;
    const { data } = await client.expect<{ data: { dataSetFileId: string }[] }>({ method: 'GET', path: list });
    const rows: JsonObject[] = [];
    for (const { dataSetFileId } of data) {
      const file = { method: 'GET' as const, path: `/data/foundation/export/files/${dataSetFileId}` };
      const parts = await client.expect<{ data: { _links: { self: { href: string } } }[] }>(file);
      for (const { _links } of parts.data) {
        const local = join(folder, `${dataSetFileId}.parquet`);
        await writeFile(local, await downloadInThirds(_links.self.href));
        rows.push(...(await readParquet(local)));
      }
    }
    await rm(folder, { recursive: true });
    const exported = rows.map((row) => (row['person'] as { name: { firstName: string } }).name.firstName);
    const expected = ['large', 'ranged'].flatMap((kind) =>
      Array.from({ length: kind === 'large' ? 120 : 40 }, (_, index) => `${kind}${index}`),
    );
    expect(exported.sort()).toEqual(expected.sort());
    for (const key of await keys()) expect(key).toMatch(/^some\/prefix\/[^/]+\/prod\/(batches|exports)\//);
  }, 240_000);

  it('has nothing in the bucket of an export that is cancelled after it wrote something', async () => {
    const [worker] = running.platform.instances('export-worker');
    for (let isCancelled = false; !isCancelled;) {
      const before = (await keys()).sort();
      const { id, destination } = await newExport();
      await eventually(async () => expect((await keys()).length).toBeGreaterThan(before.length), {
        timeout: 60_000,
        interval: 5,
      });
      worker?.pause();
      const answer = await running.client.send({ method: 'DELETE', path: `${JOBS}/${id}` });
      worker?.resume();
      isCancelled = answer.status === 204;
      if (!isCancelled) {
        expect(answer.status).toBe(409); // It had ended already: another one.
        continue;
      }
      const path = `/data/foundation/export/batches/${destination.batchId}/files`;
      expect((await running.client.send({ method: 'GET', path })).status).toBe(404);
      await eventually(async () => expect((await keys()).sort()).toEqual(before), { timeout: 90_000 });
    }
  }, 180_000);
});

const none = {
  ...{ edge: 0, gateway: 0, 'ingestion-worker': 0, 'merge-worker': 0 },
  ...{ 'deletion-worker': 0, 'export-worker': 0, 'sampling-worker': 0 },
};

/** Real: the built worker, Kafka, MongoDB, an S3-compatible store. */
describe('a service whose bucket is not there', () => {
  it('is not ready, and its log says what to do', async () => {
    const bucket = await createTestBucket();
    await bucket.drop();
    const platform = await startPlatform({
      servers: testServers(),
      database: uniqueDatabaseName(),
      topicPrefix: uniqueTopicPrefix(),
      services: none,
      environment: { ...bucket.environment },
    });
    const starting = Promise.allSettled([platform.add('export-worker')]);
    try {
      await eventually(
        async () => {
          const [worker] = platform.instances('export-worker');
          const log = worker?.logTail(100) ?? '';
          expect(log).toMatch(/the bucket \S+ at \S+ cannot be used \(NoSuchBucket.*create the bucket/);
          expect(log).not.toContain(bucket.environment.OBJECT_STORAGE_SECRET_ACCESS_KEY);
          const ready = await fetch(`${worker?.url}/health/ready`);
          expect(ready.status).toBe(503);
          expect(await ready.json()).toMatchObject({ checks: { 'object-storage': { status: 'down' } } });
        },
        { timeout: 50_000 },
      );
    } finally {
      await platform.stop();
      await starting;
    }
  }, 90_000);
});
