import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject, Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { createObjectStorage, exportObjects } from '@tessera/object-storage';
import { Database, ensureIndexes, JobStore, type DeletionSubject } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { ExportMentions } from './export-mentions.js';

const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const jobs = new JobStore(database);
const AT = 5_000;
const ada = { xid: xidOf(tenant, 'email', 'ada@example.com'), namespace: 'email', id: 'ada@example.com' };
const subjects = {
  person: { kind: 'person', entityId: ada.xid, members: [ada] },
  dataset: { kind: 'dataset', datasetId: 'd', isRemoved: false },
} satisfies Record<string, DeletionSubject>;

/** Real: MongoDB, files. */
describe('the exports that a receipt names', () => {
  let folder: string;
  let storage: ReturnType<typeof createObjectStorage>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-mentions-'));
    storage = createObjectStorage({ OBJECT_STORAGE_URL: pathToFileURL(folder).href });
    await ensureIndexes(database);
  }, 120_000);
  afterAll(async () => {
    await database.close();
    await dropTestDatabase(uri, name);
    await rm(folder, { recursive: true, force: true });
  });

  let made = 0;
  const exported = async (createdAt: number, ...files: string[]): Promise<string> => {
    const id = `export-${(made += 1)}`;
    const order = {
      type: 'EXPORT' as const,
      properties: { order: { datasetId: 'e', outputs: [{ batchId: id }] } },
      requestedBy: 'me',
      requestId: 'r',
    };
    await jobs.create(tenant, { id, ...order, createdAt });
    await jobs.finish(tenant, id, { status: 'SUCCESS' });
    const put = (text: string, index: number) =>
      storage.put(exportObjects(tenant, id).file(`part-${index}.json`), bytesOf(text));
    await Promise.all(files.map(put));
    return id;
  };
  const lines = (...rows: JsonObject[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const of = (id: string): JsonObject => ({ identityMap: { email: [{ id, primary: true }] } });
  const mentioned = async (kind: keyof typeof subjects) => {
    const deletion = { id: 'j', tenant, subject: subjects[kind], at: AT };
    const step = <Result>(work: (documents: number) => Promise<Result>) => work(100);
    const found = await new ExportMentions(jobs, storage).of({ deletion, step });
    expect(found).toEqual(
      found.map(({ jobId }) => expect.objectContaining({ datasetId: 'e', batchIds: [jobId] }) as object),
    );
    return found.map(({ jobId }) => jobId).sort();
  };

  it('are those whose files have the person in them, wherever that is', async () => {
    const others = Array.from({ length: 450 }, (_, n) => of(`somebody-${n}@example.com`));
    const ids = {
      without: await exported(2_000, lines(...others)),
      last: await exported(2_000, lines(...others), lines(...others, of('ada@example.com'))),
      inValue: await exported(2_000, lines({ contact: { address: 'ada@example.com' } })),
      inEvent: await exported(2_000, lines({ ...of('x'), eventList: [{ _id: '1', ...of('ada@example.com') }] })),
      untyped: await exported(2_000, lines({ ...of('x'), untypedFields: JSON.stringify({ mail: 'ada@example.com' }) })),
      longer: await exported(2_000, lines(of('ada@example.com.org'))),
      removed: await exported(2_000),
      broken: await exported(2_000, '{"identityMap": '),
      late: await exported(6_000, lines(of('ada@example.com'))),
    };
    const { last, inValue, inEvent, untyped, broken } = ids;
    expect(await mentioned('person')).toEqual([last, inValue, inEvent, untyped, broken].sort());
    const { late: _late, removed: _removed, ...before } = ids;
    expect(await mentioned('dataset')).toEqual(Object.values(before).sort());
  });
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(await Promise.resolve(text));
}
