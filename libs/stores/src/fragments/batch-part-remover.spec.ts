import type { JsonObject, Tenant } from '@tessera/contracts';
import { batchPosition, versionOf } from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { BatchRowRemover } from '../batches/batch-row-remover.js';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { FragmentWriter } from './fragment-writer.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const fragments = database.collection<FragmentDocument>('fragments');
const writer = new FragmentWriter(database);
const remover = new BatchRowRemover(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

beforeAll(() => ensureIndexes(database));
beforeEach(() => fragments.deleteMany({}));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

async function put(
  batchId: string | undefined,
  age: number,
  content: { body?: string; partial?: JsonObject },
  xid = 'x',
) {
  const position = batchId === undefined ? '0' : batchPosition(batchId, `0-${age}`);
  const version = versionOf(age, { acceptedAt: 1_000 + age, position });
  const place = {
    datasetId: 'd',
    xid,
    age,
    version,
    acceptedAt: 1_000 + age,
    ...(batchId !== undefined && { batchId }),
  };
  await writer.apply(tenant, [{ ...place, ...content }]);
}

async function takeBack(batchId: string, limit?: number): Promise<void> {
  while ((await remover.removeSome(tenant, batchId, () => Promise.resolve(), limit)) > 0);
}

const stored = (xid = 'x') => fragments.findOne({ _id: fragmentId('d', xid) });

describe('taking a batch back', () => {
  it('takes what its rows set out of fragments that others have a part in', async () => {
    await put(undefined, 1, { body: '{"a":1,"b":1,"c":1}' });
    await put('B1', 2, { partial: { a: 2, d: 2 } });
    await put('B2', 3, { partial: { b: 3, d: 3 } });
    expect(await stored()).toMatchObject({ batchId: 'B2', batchIds: ['B1', 'B2'] });
    await takeBack('B2');
    const left = await stored();
    expect(left).toMatchObject({ age: 2, acceptedAt: 1_002, batchId: 'B1', batchIds: ['B1'] });
    expect(JSON.parse(left?.body ?? '')).toEqual({ a: 2, c: 1 });
    await takeBack('B1');
    expect(await stored()).toMatchObject({ age: 1, acceptedAt: 1_001, body: '{"c":1}' });
    for (const field of ['batchId', 'batchIds', 'fieldVersions']) expect(await stored()).not.toHaveProperty(field);
  });

  it('leaves what came after its rows, and removes fragments that are nothing else', async () => {
    await put('B1', 1, { body: '{"a":1,"b":1}' });
    await put(undefined, 2, { partial: { b: 2 } });
    await put('B1', 1, { body: '{"a":1}' }, 'whole');
    await put('B1', 1, { partial: { a: 1 } }, 'partial');
    await put('B1', 1, { body: '{"a":1}' }, 'overtaken');
    await put(undefined, 2, { body: '{"a":2}' }, 'overtaken');
    await takeBack('B1', 1);
    expect(await stored()).toMatchObject({ age: 2, body: '{"b":2}' });
    expect([await stored('whole'), await stored('partial')]).toEqual([null, null]);
    expect(await stored('overtaken')).toMatchObject({ body: '{"a":2}' });
  });

  it('forgets that a fragment has a batch in it once nothing of it is left', async () => {
    await put('B1', 1, { partial: { a: 1 } });
    await put(undefined, 2, { partial: { a: 2 } });
    expect(await stored()).not.toHaveProperty('batchIds');
    await takeBack('B1');
    expect(await stored()).toMatchObject({ body: '{"a":2}' });
  });

  it('loses nothing that is written meanwhile', async () => {
    await put('B1', 1, { partial: { a: 1 } });
    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => put(undefined, 2 + index, { partial: { [`f${index}`]: index } })),
      takeBack('B1'),
    ]);
    await takeBack('B1');
    const left = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, index]));
    expect(JSON.parse((await stored())?.body ?? '')).toEqual(left);
  });
});
