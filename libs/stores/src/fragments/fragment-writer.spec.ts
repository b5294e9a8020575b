import type { JsonObject, Tenant } from '@tessera/contracts';
import { applyChanges, versionOf, type FragmentChange, type FragmentState } from '@tessera/domain';
import { dropTestDatabase, eventually, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import type { FragmentWrite } from './fragment-write.js';
import { FragmentWriter } from './fragment-writer.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const databases = [Database.create({ uri, name }), Database.create({ uri, name })] as const;
const [database] = databases;
const fragments = database.collection<FragmentDocument>('fragments');
const [writer, otherWriter] = databases.map((each) => new FragmentWriter(each)) as [FragmentWriter, FragmentWriter];
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await Promise.all(databases.map((each) => each.close()));
  await dropTestDatabase(uri, name);
});

let datasets = 0;
let datasetId = '';
beforeEach(() => (datasetId = `dataset-${(datasets += 1)}`));

const version = (age: number) => versionOf(age, { acceptedAt: age, position: '0' });
const common = (age: number, xid: string) => ({ datasetId, xid, age, version: version(age), acceptedAt: age });
const replace = (age: number, body: JsonObject, xid = 'x'): FragmentWrite => ({
  ...common(age, xid),
  body: JSON.stringify(body),
});
const merge = (age: number, partial: JsonObject, xid = 'x'): FragmentWrite => ({ ...common(age, xid), partial });
const remove = (age: number, xid = 'x'): FragmentWrite => common(age, xid);

const stored = (xid = 'x') => fragments.findOne({ _id: fragmentId(datasetId, xid) });
const storedBody = async (): Promise<unknown> => JSON.parse((await stored())?.body ?? 'null');

/** What all of some writes to one fragment come to. */
function expected(writes: readonly FragmentWrite[]): FragmentState {
  const changes = writes.map(({ version: of, body, partial }): FragmentChange => {
    if (partial !== undefined) return { operation: 'merge', version: of, body: partial };
    if (body === undefined) return { operation: 'delete', version: of, body: {} };
    return { operation: 'create', version: of, body: JSON.parse(body) as JsonObject };
  });
  return applyChanges(undefined, changes);
}

async function expectState(writes: readonly FragmentWrite[], xid = 'x'): Promise<void> {
  const { body, ...rest } = expected(writes);
  const document = await stored(xid);
  expect(document).toMatchObject({ ...rest, ...(body === undefined && { deleted: true }) });
  expect(document?.fieldVersions).toBe(rest.fieldVersions);
  expect(JSON.parse(document?.body ?? 'null')).toEqual(JSON.parse(body ?? 'null'));
}

describe('a fragment writer', () => {
  it('keeps a fragment that is only replaced and deleted as its newest record alone', async () => {
    await writer.apply(tenant, [replace(1, { a: 1 })]);
    await writer.apply(tenant, [replace(2, { z: 1, b: 2 })]);
    expect(await writer.apply(tenant, [replace(1, { a: 1 })])).toEqual(['superseded']);
    expect(await stored()).toEqual({
      _id: fragmentId(datasetId, 'x'),
      tenant: 'ORG@TesseraOrg/prod',
      ...replace(2, { z: 1, b: 2 }),
    });
  });

  it('merges partial records, in one batch or several, whatever comes first', async () => {
    const writes = [replace(1, { a: 1, b: { c: 1 } }), merge(2, { b: { d: 2 } }), merge(3, { a: null, e: [] })];
    for (const order of [writes, writes.toReversed(), [writes[1], writes[2], writes[0]] as FragmentWrite[]]) {
      datasetId = `dataset-${(datasets += 1)}`;
      const own = order.map((write) => ({ ...write, datasetId }));
      for (const write of own) await writer.apply(tenant, [write]);
      await expectState(own);
      datasetId = `dataset-${(datasets += 1)}`;
      const together = order.map((write) => ({ ...write, datasetId }));
      expect(await writer.apply(tenant, together)).toEqual(['stored', 'stored', 'stored']);
      await expectState(together);
    }
  });

  it('lets a late whole record clear only what is not newer than itself', async () => {
    await writer.apply(tenant, [merge(1, { a: 1, b: 1 }), merge(3, { b: 3 })]);
    expect(await writer.apply(tenant, [replace(2, { c: 2 })])).toEqual(['stored']);
    expect(await storedBody()).toEqual({ b: 3, c: 2 });
    expect(await writer.apply(tenant, [replace(0, { d: 0 }), merge(1, { a: 1 })])).toEqual([
      'superseded',
      'superseded',
    ]);
    expect(await writer.apply(tenant, [remove(4)])).toEqual(['stored']);
    expect(await stored()).toMatchObject({ deleted: true, version: version(4) });
    expect(await stored()).not.toHaveProperty('fieldVersions');
  });

  it('holds a delete against older records that come later, whole or partial', async () => {
    await writer.apply(tenant, [merge(1, { a: 1 }), merge(5, { b: 5 })]);
    await writer.apply(tenant, [remove(3)]);
    await writer.apply(tenant, [replace(2, { a: 2, c: 2 })]);
    await writer.apply(tenant, [merge(2, { d: 2 })]);
    expect(await storedBody()).toEqual({ b: 5 });
  });

  it('says the same of a record however often it comes, and writes nothing then', async () => {
    const whole = [
      replace(1, { a: 1 }),
      merge(2, { a: 2 }),
      merge(3, { a: 3 }),
      merge(5, { b: 5 }),
      replace(4, { c: 4 }),
    ];
    await writer.apply(tenant, whole);
    const before = await stored();
    const effects = await Promise.all(whole.map((write) => writer.apply(tenant, [write])));
    expect(effects.flat()).toEqual(await writer.apply(tenant, whole));
    expect(await stored()).toEqual(before);
  });

  it('notes of the newest record when it was accepted and by which batch it came', async () => {
    await writer.apply(tenant, [{ ...merge(2, { a: 1 }), batchId: 'B2' }]);
    await writer.apply(tenant, [{ ...merge(1, { b: 1 }), batchId: 'B1' }]);
    expect(await stored()).toMatchObject({ age: 2, acceptedAt: 2, batchId: 'B2' });
    await writer.apply(tenant, [merge(3, { c: 1 })]);
    expect(await stored()).toMatchObject({ age: 3, acceptedAt: 3 });
    expect(await stored()).not.toHaveProperty('batchId');
  });

  it('ends in the same state when several writers apply the same fragments at once, in different orders', async () => {
    const xids = ['x', 'y', 'z'];
    const writes = xids.flatMap((xid) =>
      Array.from({ length: 60 }, (_, index) => {
        const age = (index * 37) % 61;
        if (index % 10 === 3) return replace(age, { whole: age, shared: age }, xid);
        if (index % 20 === 7) return remove(age, xid);
        return merge(age, { [`f${index % 6}`]: age, shared: { [`g${index % 4}`]: index % 5 === 0 ? null : age } }, xid);
      }),
    );
    const lane = async (by: FragmentWriter, own: readonly FragmentWrite[], size: number) => {
      for (let from = 0; from < own.length; from += size) await by.apply(tenant, own.slice(from, from + size));
    };
    await Promise.all([
      lane(writer, writes, 7),
      lane(otherWriter, writes.toReversed(), 5),
      lane(
        writer,
        writes.toSorted((a, b) => (a.version < b.version ? 1 : -1)),
        1,
      ),
      lane(
        otherWriter,
        writes.toSorted((a, b) => (a.xid + a.version < b.xid + b.version ? -1 : 1)),
        3,
      ),
    ]);
    for (const xid of xids)
      await expectState(
        writes.filter((write) => write.xid === xid),
        xid,
      );
  }, 60_000);

  it('makes of many records at once what it makes of each alone', async () => {
    const cases: readonly FragmentWrite[][] = [
      [],
      [replace(1, { old: 1 })],
      [replace(2, { same: 2 })],
      [replace(3, { newer: 3 })],
      [remove(1)],
      [remove(3)],
      [merge(1, { old: 1 }), merge(3, { newer: 3 })],
      [replace(1, { old: 1 }), merge(3, { newer: 3 })],
    ];
    const people = Array.from({ length: 160 }, (_, index) => `p${index}`);
    const before = people.flatMap((xid, index) =>
      (cases[index % cases.length] ?? []).map((write) => ({ ...write, datasetId, xid })),
    );
    const writes = people.map((xid, index) =>
      index % 16 < 8 ? replace(2, { same: 2, big: 'x'.repeat(index % 16 === 0 ? 600_000 : 10) }, xid) : remove(2, xid),
    );
    await writer.apply(tenant, before);
    const effects = await writer.apply(tenant, writes);
    for (const [index, xid] of people.entries()) {
      await expectState(
        [...before, ...writes].filter((write) => write.xid === xid),
        xid,
      );
      const overtaken = [3, 5].includes(index % 8);
      expect([index, effects[index]]).toEqual([index, overtaken ? 'superseded' : 'stored']);
    }
    expect(await writer.apply(tenant, writes)).toEqual(effects);
  });

  it('keeps the newest when several writers replace many of the same fragments at once', async () => {
    const people = Array.from({ length: 100 }, (_, index) => `p${index}`);
    const lane = async (by: FragmentWriter, ages: readonly number[]) => {
      for (const age of ages) {
        const order = age % 2 === 0 ? people : people.toReversed();
        await by.apply(
          tenant,
          order.map((xid) => (age % 5 === 4 ? remove(age, xid) : replace(age, { age }, xid))),
        );
      }
    };
    await Promise.all([
      lane(writer, [1, 3, 5, 7, 9, 11]),
      lane(otherWriter, [12, 10, 8, 6, 4, 2]),
      lane(writer, [2, 12, 3, 11]),
      lane(otherWriter, [11, 4, 12, 1]),
    ]);
    const found = await fragments.find({ datasetId }).toArray();
    expect(new Set(found.map(({ version: of, body }) => `${of} ${body}`))).toEqual(
      new Set([`${version(12)} {"age":12}`]),
    );
    expect(found).toHaveLength(people.length);
  }, 60_000);

  it('writes a fragment that others hold in an unfinished transaction once that has ended', async () => {
    const writes = Array.from({ length: 100 }, (_, index) => replace(2, { age: 2 }, `p${index}`));
    await writer.apply(tenant, [replace(1, { age: 1 }, 'p50')]);
    const session = database.client.startSession();
    session.startTransaction();
    await fragments.updateOne({ _id: fragmentId(datasetId, 'p50') }, { $set: { age: 1.5 } }, { session });
    const written = writer.apply(tenant, writes);
    await eventually(async () => expect(await stored('p49')).toMatchObject({ age: 2 }));
    await session.abortTransaction();
    await session.endSession();
    expect(await written).toEqual(writes.map(() => 'stored'));
    expect(await stored('p50')).toMatchObject({ age: 2 });
  });
});
