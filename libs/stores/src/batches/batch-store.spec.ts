import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import type { Batch, BatchFileContent } from './batch.js';
import { BatchStore } from './batch-store.js';
import { BatchUploadStore } from './batch-upload-store.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
let now = 1_000;
const store = new BatchStore(database, () => now);
const uploads = new BatchUploadStore(database, () => now);
/** As of another gateway. */
const uploadsElsewhere = new BatchUploadStore(database, () => now);
const tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const other = { organisation: 'ORG@TesseraOrg', sandbox: 'dev' };
const by = { updatedUser: 'client', requestId: 'r-2' };

let batches = 0;
async function newBatch(overrides: Partial<Batch> = {}): Promise<Batch> {
  batches += 1;
  const batch: Batch = {
    id: `batch-${batches}`,
    tenant,
    datasetId: 'd1',
    behavior: 'record',
    status: 'loading',
    inputFormat: { format: 'json' },
    enableErrorDiagnostics: false,
    partialIngestionPercent: 0,
    created: batches,
    updated: batches,
    createdUser: 'client',
    updatedUser: 'client',
    version: 1,
    requestId: 'r-1',
    metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 0 },
    errors: [],
    ...overrides,
  };
  expect(await store.create(batch)).toBe(true);
  return batch;
}
const whole = (key: string, size = 1): BatchFileContent => ({ parts: [{ start: 0, size, key }], state: 'complete' });
const all = { start: 0, limit: 1_000 };

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('batches', () => {
  it('are read as they were created, whatever their tags are called', async () => {
    const tags = JSON.parse('{"__proto__":["a"],"$where":["b"],"a.b":[]}') as Record<string, string[]>;
    const replay = { predecessors: ['x'], reason: 'replace' } as const;
    const batch = await newBatch({ tags, replay, externalId: 'e' });
    const found = await store.find(tenant, batch.id);
    expect(found).toEqual(batch);
    expect(JSON.stringify(found?.tags)).toBe(JSON.stringify(tags));
    expect(await store.find(other, batch.id)).toBeUndefined();
    expect(await store.findMany(other, [batch.id])).toEqual([]);
  });

  it('move on only from where the caller believes them to be', async () => {
    const { id } = await newBatch();
    now = 2_000;
    expect(await store.transition(other, id, ['loading'], 'loaded')).toBeUndefined();
    expect(await store.transition(tenant, id, ['loaded', 'staged'], 'success')).toBeUndefined();
    const staged = await store.transition(tenant, id, ['loading', 'loaded'], 'staged', { startedAt: 1_500 });
    expect(staged).toMatchObject({ status: 'staged', version: 2, updated: 2_000, startedAt: 1_500 });
    expect(staged).not.toHaveProperty('finishedAt');
    now = 3_000;
    expect(await store.transition(tenant, id, ['staged'], 'success')).toMatchObject({ version: 3, finishedAt: 3_000 });
    now = 4_000;
    const reverted = await store.transition(tenant, id, ['success'], 'inactive');
    expect(reverted).toMatchObject({ status: 'inactive', finishedAt: 3_000, updated: 4_000 });
    expect(await store.find(tenant, id)).toEqual(reverted);
  });

  it('are named as ingested last only where something came in with them, unlike what an export wrote', async () => {
    const alone = { ...tenant, sandbox: 'ingested' };
    const ended = (finishedAt: number, inputByteSize: number): Promise<Batch> =>
      newBatch({
        ...{ tenant: alone, status: 'success', finishedAt },
        metrics: { inputRecordCount: 0, outputRecordCount: 1, failedRecordCount: 0, inputByteSize },
      });
    const [first, second] = [await ended(1_000, 10), await ended(2_000, 10)];
    await ended(3_000, 0);
    expect((await store.lastIngested(alone))?.id).toBe(second.id);
    expect((await store.lastIngested(alone, 1_999))?.id).toBe(first.id);
    expect(await store.lastIngested({ ...alone, sandbox: 'empty' })).toBeUndefined();
  });

  it('move once where many move them at the same time', async () => {
    const { id } = await newBatch();
    const moves = Array.from({ length: 20 }, (_, index) => {
      return store.transition(tenant, id, ['loading'], index % 2 === 0 ? 'aborted' : 'failed');
    });
    expect((await Promise.all(moves)).filter((moved) => moved !== undefined)).toHaveLength(1);
  });
});

describe('files of a batch', () => {
  it('keep their place when they are replaced', async () => {
    const { id } = await newBatch();
    for (const path of ['b', 'a', 'b', 'c'])
      await uploads.changeFile(tenant, id, path, () => whole(`key of ${path}`, 3));
    const files = await store.files(tenant, id, all);
    expect(files.map(({ path }) => path)).toEqual(['b', 'a', 'c']);
    expect(await store.files(tenant, id, { start: 1, limit: 1 })).toEqual([files[1]]);
    expect(await store.file(tenant, id, 'a')).toEqual({
      batchId: id,
      datasetId: 'd1',
      path: 'a',
      index: 2,
      size: 3,
      parts: [{ start: 0, size: 3, key: 'key of a' }],
      state: 'complete',
    });
    expect(await store.file(other, id, 'a')).toBeUndefined();
    expect(await uploads.changeFile(other, id, 'a', () => whole('theirs'))).toBeUndefined();
  });

  it('are told apart however alike their names are', async () => {
    const { id } = await newBatch();
    const names = ['a', 'A', 'a/', 'ä', 'a\u0308', '__proto__', '$a', 'a.b', 'x'.repeat(2_000), ''];
    for (const path of names) await uploads.changeFile(tenant, id, path, () => whole(path));
    expect((await store.files(tenant, id, all)).map(({ path }) => path)).toEqual(names);
  });

  it('stay as they are when a change is refused', async () => {
    const { id } = await newBatch();
    await uploads.changeFile(tenant, id, 'a', () => whole('first'));
    const refused = uploads.changeFile(tenant, id, 'a', () => {
      throw new RangeError('no');
    });
    await expect(refused).rejects.toThrow(RangeError);
    expect(await store.file(tenant, id, 'a')).toMatchObject({ parts: [{ key: 'first' }] });
  });

  it('are all there once a batch is completed, however close the last of them came', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await newBatch();
      const changes = Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? uploads : uploadsElsewhere).changeFile(tenant, id, `f${index}`, () =>
          whole(`k${index}`, index + 1),
        ),
      );
      await changes[round * 2];
      const completion = await uploads.complete(tenant, id, by);
      const filesThen = await store.files(tenant, id, all);
      const taken = (await Promise.all(changes)).flatMap((change) => change?.after ?? []);
      expect(await store.files(tenant, id, all)).toEqual(filesThen);
      expect(filesThen.map(({ path }) => path).sort()).toEqual(taken.map(({ path }) => path).sort());
      const size = taken.reduce((sum, file) => sum + file.size, 0);
      expect(completion).toMatchObject({
        batch: { status: 'loaded', completedAt: now, metrics: { inputByteSize: size } },
      });
    }
  });

  it('hinder the completion of their batch while they are open', async () => {
    const { id } = await newBatch();
    await uploads.changeFile(tenant, id, 'open', () => ({ parts: [], state: 'open' }));
    expect(await uploads.complete(tenant, id, by)).toEqual({ openFiles: ['open'] });
    expect(await uploads.complete(other, id, by)).toBeUndefined();
    await uploads.changeFile(tenant, id, 'open', () => ({ parts: [], state: 'complete' }));
    expect(await uploads.complete(tenant, id, by)).toMatchObject({ batch: { status: 'loaded', version: 2, ...by } });
    expect(await uploads.complete(tenant, id, by)).toBeUndefined();
    expect(await uploads.changeFile(tenant, id, 'late', () => whole('late'))).toBeUndefined();
  });
});
