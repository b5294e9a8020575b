import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@tessera/contracts';
import { deleteTestKeys, eventually, queryParquet, readParquet, testServers } from '@tessera/testing';
import { builtInSchemas, recordMessage } from '../client/record-message.js';
import { BatchClient } from './batch-client.fixture.js';
import { randomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const JOBS = '/data/core/ups/export/jobs';
const PEOPLE = 400;

interface ExportAnswer {
  readonly id: number;
  readonly status: string;
  readonly destination: { readonly batchId: string };
  readonly metrics: { readonly totalExportedProfileCounter?: number };
  readonly errors?: unknown;
}

/** Real: every service as a process, Kafka, MongoDB, Redis, a folder of files. Workers are killed as a crash would. */
describe('exports', () => {
  let running: RunningPlatform;
  let folder: string;
  let target: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-downloads-'));
    running = await runPlatform({ environment: { JOB_LOCK_MS: '2000', EXPORT_RANGE_PEOPLE: '40' } });
    await running.client.createNamespace('CRMID', 'Customers', 'CROSS_DEVICE');
    const union = 'https://ns.adobe.com/xdm/context/profile__union';
    const path = '/data/foundation/catalog/dataSets';
    const body = JSON.stringify({ name: 'exported', schemaRef: { id: union } });
    const [reference = ''] = await running.client.expect<string[]>({ method: 'POST', path, body }, 201);
    target = reference.slice('@/dataSets/'.length);
    await running.stream(
      Array.from({ length: PEOPLE }, (_, index) => [person(index, 'home'), person(index, 'work')])
        .flat()
        .map((entity) => running.person(entity)),
    );
    await running.settled(2 * PEOPLE);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  const person = (index: number, place: string): JsonObject => ({
    identityMap: {
      Email: [{ id: `${place}${index}@example.com`, primary: true }],
      CRMID: [{ id: `crm-${index}`, authenticatedState: 'ambiguous' }],
    },
    person: { name: { firstName: `Ada ${index}`, lastName: place }, birthDate: '1815-12-10' },
    [place]: { visits: index, tags: ['a', { b: index }] },
  });

  const create = (more: object = {}) => {
    const body = { schema: { name: '_xdm.context.profile' }, destination: { datasetId: target }, ...more };
    return running.client.expect<ExportAnswer>({ method: 'POST', path: JOBS, body: JSON.stringify(body) });
  };
  const state = (id: number) => running.client.expect<ExportAnswer>({ method: 'GET', path: `${JOBS}/${id}` });
  const ended = (id: number, status: string) =>
    eventually(
      async () => {
        const answer = await state(id);
        if (answer.status !== status) throw new Error(`${answer.status}: ${JSON.stringify(answer.errors)}`);
        return answer;
      },
      { timeout: 90_000 },
    );

  /** Downloads the files of a batch as a client does. @returns where they are. */
  async function download(batchId: string): Promise<string[]> {
    const { client } = running;
    const path = `/data/foundation/export/batches/${batchId}/files`;
    const query = { limit: 1_000 };
    const { data } = await client.expect<{ data: { dataSetFileId: string }[] }>({ method: 'GET', path, query });
    const headers = { ...(await client.authenticate()) };
    const paths: string[] = [];
    for (const { dataSetFileId } of data) {
      const file = `/data/foundation/export/files/${dataSetFileId}`;
      const list = await client.expect<{ data: { name: string; _links: { self: { href: string } } }[] }>({
        method: 'GET',
        path: file,
      });
      for (const { name, _links } of list.data) {
        const answer = await fetch(_links.self.href, { headers });
        expect(answer.status).toBe(200);
        paths.push(join(folder, `${dataSetFileId}-${name}`));
        await writeFile(paths.at(-1) ?? '', Buffer.from(await answer.arrayBuffer()));
      }
    }
    return paths;
  }

  async function rowsOf(batchId: string): Promise<JsonObject[]> {
    return (await Promise.all((await download(batchId)).map((path) => readParquet(path)))).flat();
  }

  /** What lookups say of everybody, by CRM id. */
  async function lookups(options: { readonly withCA?: boolean } = {}): Promise<Map<string, JsonObject>> {
    const identities = Array.from({ length: PEOPLE }, (_, index) => ({ namespace: 'crmid', id: `crm-${index}` }));
    const profiles = await running.client.profiles(identities, options);
    return new Map(profiles.map(({ entity: { identities: _, ...entity } }) => [crmIdOf(entity), entity] as const));
  }

  function crmIdOf(entity: JsonObject): string {
    return (entity['identityMap'] as { crmid: [{ id: string }] }).crmid[0].id;
  }

  function expectEqual(rows: readonly JsonObject[], expected: ReadonlyMap<string, JsonObject>): void {
    expect(rows).toHaveLength(expected.size);
    const byId = new Map(rows.map((row) => [crmIdOf(row), row]));
    expect(JSON.parse(JSON.stringify(Object.fromEntries(byId)))).toEqual(Object.fromEntries(expected));
  }

  it('equal, row for row, the lookups under the same policy, in files that any Parquet reader opens', async () => {
    const expected = await lookups();
    expect(expected.size).toBe(PEOPLE);
    const { id, destination } = await create();
    const { metrics } = await ended(id, 'SUCCEEDED');
    expect(metrics).toMatchObject({
      totalExportedProfileCounter: PEOPLE,
      exportedProfileByNamespaceCounter: { crmid: PEOPLE, email: PEOPLE },
    });
    expectEqual(await rowsOf(destination.batchId), expected);
    const [file] = await download(destination.batchId);
    const types = await queryParquet(`DESCRIBE SELECT person, identityMap FROM '${file}'`);
    expect(types.map((column) => column['column_type'])).toEqual([
      expect.stringMatching(/^STRUCT\("?name"? STRUCT\(.*firstName.*\), "?birthDate"? DATE, .*\)$/),
      'MAP(VARCHAR, STRUCT(id VARCHAR, "primary" BOOLEAN)[])',
    ]);
    const metadata = await queryParquet(`SELECT DISTINCT compression FROM parquet_metadata('${file}')`);
    expect(metadata).toEqual([{ compression: 'ZSTD' }]);
  }, 120_000);

  it('are the same although workers are killed at random moments and Redis forgets everything', async () => {
    const random = randomNumbers(7);
    const expected = await lookups();
    const { id, destination } = await create();
    const [worker] = running.platform.instances('export-worker');
    for (let kill = 0; kill < 6; kill += 1) {
      await delay(random.below(400));
      await worker?.kill();
      if (kill === 3) await deleteTestKeys(testServers().redisUrl, running.topicPrefix);
      await worker?.start();
    }
    await ended(id, 'SUCCEEDED');
    expectEqual(await rowsOf(destination.batchId), expected);
  }, 240_000);

  it('show one moment while records keep coming', async () => {
    const expected = await lookups();
    const more = Array.from({ length: 600 }, (_, index) =>
      running.person({ ...person(index % PEOPLE, 'home'), late: { change: index } }),
    );
    const { id, destination } = await create();
    await running.stream(more, 20);
    await ended(id, 'SUCCEEDED');
    await running.settled(2 * PEOPLE + more.length);
    expectEqual(await rowsOf(destination.batchId), expected);
  }, 120_000);

  it('leave nothing readable when they are cancelled', async () => {
    const { id, destination } = await create();
    const answer = await running.client.send({ method: 'DELETE', path: `${JOBS}/${id}` });
    expect(answer.status).toBe(204);
    expect(await state(id)).toMatchObject({ status: 'CANCELLED' });
    const path = `/data/foundation/export/batches/${destination.batchId}/files`;
    expect((await running.client.send({ method: 'GET', path })).status).toBe(404);
  }, 60_000);

  it('equal the lookups with computed attributes where there are any', async () => {
    const base = '/data/core/ca/attributes';
    const publish = async (name: string, value: string): Promise<void> => {
      const expression = { type: 'PQL', format: 'pql/text', value };
      const body = JSON.stringify({ name, expression, duration: { count: 7, unit: 'DAYS' }, status: 'NEW' });
      const { id } = await running.client.expect<{ id: string }>({ method: 'POST', path: base, body });
      await eventually(
        async () => {
          const answer = await running.client.expect<{ status: string }>({ method: 'GET', path: `${base}/${id}` });
          expect(answer.status).toBe('PROCESSED');
        },
        { timeout: 60_000 },
      );
    };
    const orders = Array.from({ length: PEOPLE / 2 }, (_, index) =>
      running.purchase({
        _id: `order-${index}`,
        timestamp: new Date(Date.now() - 60_000 - index).toISOString(),
        identityMap: index % 3 === 0 ? person(index, 'home')['identityMap']! : { CRMID: [{ id: `crm-${index}` }] },
        total: index + 0.5,
      }),
    );
    await running.stream(orders.slice(0, PEOPLE / 4));
    await publish('spent', 'xEvent.total.sum()');
    await publish('last', 'xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": total}).head()');
    await running.stream(orders.slice(PEOPLE / 4));
    const expected = await eventually(
      async () => {
        const found = await lookups({ withCA: true });
        const last = found.get(`crm-${orders.length - 1}`) as unknown as WithComputed | undefined;
        expect(last?._tessera.ComputedAttributes.spent).toBe(orders.length - 0.5);
        const all = [...found.values()] as unknown as WithComputed[];
        expect(all.filter(({ _tessera }) => _tessera.ComputedAttributes.last)).toHaveLength(orders.length);
        return found;
      },
      { timeout: 60_000 },
    );
    const { id, destination } = await create();
    await ended(id, 'SUCCEEDED');
    const rows = await rowsOf(destination.batchId);
    for (const { _tessera } of rows as unknown as WithComputed[]) {
      const { last } = _tessera.ComputedAttributes;
      if (last === undefined) continue;
      // As DuckDB writes times, and a value whose type only the data can tell.
      last.timestamp = new Date(last.timestamp).toISOString();
      last.value = JSON.parse(String(last.value)) as number;
    }
    expectEqual(rows, expected);
  }, 180_000);

  it('hold nothing of what is deleted while they are made', async () => {
    const { client } = running;
    const leaving = await client.createDataSet('leaving', builtInSchemas.profile);
    const [gone, kept] = [person(PEOPLE - 1, 'home'), person(PEOPLE - 2, 'home')];
    const email = (of: JsonObject) => (of['identityMap'] as { Email: [{ id: string }] }).Email[0].id;
    const marked = (of: JsonObject, mark: string) => ({ ...of, [mark]: true });
    await running.stream([kept, gone].map((of) => recordMessage(leaving, client.organisation, marked(of, 'leaving'))));
    const batches = new BatchClient(client);
    const timestamp = new Date(Date.now() - 60_000).toISOString();
    const event = (of: JsonObject, _id: string) => ({
      _id,
      timestamp,
      identityMap: of['identityMap']!,
      batchEvent: _id,
    });
    const rows = [event(kept, 'batch-kept'), event(gone, 'batch-gone')].map((row) => JSON.stringify(row));
    const batchId = await batches.send(running.purchases, { format: 'json' }, [rows.join('\n')]);
    await batches.ended(batchId, 'success');
    await running.stream([kept, gone].map((of, index) => running.purchase(event(of, `stream-${index}`))));
    const found = (of: JsonObject) => client.events({ namespace: 'Email', id: email(of) });
    await eventually(async () => expect((await found(gone)).children).toHaveLength(2), { timeout: 60_000 });
    await eventually(
      async () => {
        const { entity } = (await client.profile({ namespace: 'Email', id: email(kept) })) ?? { entity: {} };
        expect(entity).toMatchObject({ leaving: true });
      },
      { timeout: 60_000 },
    );
    // Created before the deletions are asked for, and made while they are carried out.
    const [worker] = running.platform.instances('export-worker');
    await worker?.kill();
    const { id, destination } = await create({ additionalFields: { eventList: {} }, emptyProfiles: true });
    const SYSTEM = '/data/core/ups/system/jobs';
    const remove = (body: object) => client.expect({ method: 'POST', path: SYSTEM, body: JSON.stringify(body) });
    await remove({ dataSetId: leaving.id });
    await remove({ batchId });
    const query = { 'schema.name': '_xdm.context.profile', entityId: email(gone), entityIdNS: 'Email' };
    await client.expect({ method: 'DELETE', path: '/data/core/ups/access/entities', query }, 202);
    await worker?.start();
    await ended(id, 'SUCCEEDED');
    const exported = await rowsOf(destination.batchId);
    const text = JSON.stringify(exported);
    for (const absent of ['"leaving"', 'batch-kept', 'batch-gone', 'stream-1', `"${email(gone)}"`]) {
      expect([absent, text.includes(absent)]).toEqual([absent, false]);
    }
    expect(exported).toHaveLength(PEOPLE - 1);
    const row = exported.find((one) => JSON.stringify(one['identityMap']).includes(`"${email(kept)}"`));
    expect(row).toMatchObject({ eventList: [{ _id: 'stream-0' }] });
  }, 180_000);
});

interface WithComputed {
  readonly _tessera: {
    readonly ComputedAttributes: { readonly spent: number; readonly last?: { timestamp: string; value: number } };
  };
}
