import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tenant } from '@tessera/contracts';
import { batchObjects, createObjectStorage } from '@tessera/object-storage';
import { createLogger } from '@tessera/observability';
import { BatchStore, Database, ensureIndexes, type Batch } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { BatchFileRetention } from './batch-file-retention.js';
import { uploadMentions } from './receipt/upload-mentions.js';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const batches = new BatchStore(database, () => NOW);

/** Real: MongoDB, files. */
describe('files of batches', () => {
  let folder: string;
  let storage: ReturnType<typeof createObjectStorage>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-retention-'));
    storage = createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(folder).href });
    await ensureIndexes(database);
  }, 180_000);
  afterAll(async () => {
    await database.close();
    await dropTestDatabase(uri, name);
    await rm(folder, { recursive: true, force: true });
  });

  const kept = async (id: string): Promise<number> => {
    const { uploads, rowErrors } = batchObjects(tenant, id);
    return (await Promise.all([uploads, rowErrors].map((prefix) => storage.list(prefix)))).flat().length;
  };
  const uploaded = async (id: string, ended?: Pick<Batch, 'status' | 'finishedAt'>): Promise<void> => {
    await batches.create({
      ...{ id, tenant, datasetId: 'd', behavior: 'record', status: 'loading', inputFormat: { format: 'json' } },
      ...{ enableErrorDiagnostics: true, partialIngestionPercent: 0, created: 1, updated: 1, createdUser: 'me' },
      ...{ updatedUser: 'me', version: 1, requestId: 'r', errors: [], completedAt: 10 * DAY, ...ended },
      metrics: { inputRecordCount: 1, outputRecordCount: 1, failedRecordCount: 0, inputByteSize: 1 },
    });
    const objects = batchObjects(tenant, id);
    await storage.put(objects.upload('u'), bytesOf('{}'));
    await storage.put(objects.rowErrorsPart('part-0.json'), bytesOf('{}'));
    const file = { _id: `${id}.f`, tenant: 'ORG@TesseraOrg/prod', batchId: id, datasetId: 'd', path: 'f', index: 0 };
    await database
      .collection<{ _id: string }>('batch_files')
      .insertOne({ ...file, size: 2, parts: [] } as { _id: string });
  };
  const mentioned = async (at: number): Promise<string[]> => {
    const subject = { kind: 'person' as const, entityId: 'x', members: [] };
    const step = <Result>(work: (documents: number) => Promise<Result>) => work(100);
    const found = await uploadMentions(batches, { deletion: { id: 'j', tenant, subject, at }, step });
    return found.map(({ batchId }) => batchId).sort();
  };

  it('are kept for some days after its end, and named in receipts of people as long as they are', async () => {
    await uploaded('old', { status: 'success', finishedAt: 60 * DAY });
    await uploaded('given-up', { status: 'aborted', finishedAt: 69 * DAY });
    await uploaded('new', { status: 'success', finishedAt: 71 * DAY });
    await uploaded('loading');
    expect(await mentioned(11 * DAY)).toEqual(['given-up', 'loading', 'new', 'old']);
    const logger = createLogger('test', 'silent');
    const retention = new BatchFileRetention({ batches, storage, logger, days: 30 });
    await Promise.all([retention.removeOld(NOW), retention.removeOld(NOW)]);
    await retention.removeOld(NOW);
    expect(await Promise.all(['old', 'given-up', 'new', 'loading'].map(kept))).toEqual([0, 0, 2, 2]);
    expect(await batches.files(tenant, 'old', { start: 0, limit: 9 })).toEqual([]);
    expect(await batches.find(tenant, 'old')).toMatchObject({ status: 'success', filesRemovedAt: NOW });
    expect(await mentioned(11 * DAY)).toEqual(['loading', 'new']);
    expect(await mentioned(9 * DAY)).toEqual([]);
  });

  it('go after an hour when their writer was killed before they were whole', async () => {
    const incoming = join(folder, '.incoming/ORG@TesseraOrg/prod/exports/1');
    await mkdir(incoming, { recursive: true });
    const longAgo = new Date(Date.now() - 61 * 60_000);
    for (const name of ['dead', 'living']) await writeFile(join(incoming, name), '{}');
    await utimes(join(incoming, 'dead'), longAgo, longAgo);
    const logger = createLogger('test', 'silent');
    await new BatchFileRetention({ batches, storage, logger, days: 30 }).task().run();
    expect(['dead', 'living'].map((name) => existsSync(join(incoming, name)))).toEqual([false, true]);
  });
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(await Promise.resolve(text));
}
