import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { ALWAYS } from './deletion-fence.js';
import { DeletionFences } from './deletion-fences.js';
import { FenceSetter } from './fence-setter.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const fences = new DeletionFences(database);
const setter = new FenceSetter(database);
let tenants = 0;
let tenant: Tenant;

beforeAll(() => ensureIndexes(database));
beforeEach(() => {
  tenant = { organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` };
});
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

const read = (of = tenant) => fences.read(of, { datasetIds: ['d'], batchIds: ['b'], xids: ['x', 'y'] });

/** Real: MongoDB. */
describe('what was deleted', () => {
  it('is nothing in a sandbox where nothing ever was', async () => {
    const table = await read();
    expect([table.isEmpty, table.version, await fences.version(tenant)]).toEqual([true, 0, 0]);
    expect(table.latest({ datasetId: 'd', batchId: 'b' }, ['x'])).toBe(-Infinity);
  });

  it('is told by dataset, batch and identity, of the own sandbox alone', async () => {
    await setter.set(tenant, [{ kind: 'dataset', datasetId: 'd' }], 10, '1');
    await setter.set(tenant, [{ kind: 'batch', batchId: 'b' }], 20, '2');
    await setter.set(tenant, [{ kind: 'person', xid: 'x' }], 30, '3');
    const table = await read();
    expect(table.ofSource({ datasetId: 'd' })).toBe(10);
    expect(table.ofSource({ datasetId: 'd', batchId: 'b' })).toBe(20);
    expect([table.ofPerson('x'), table.ofPerson('y')]).toEqual([30, -Infinity]);
    expect(table.version).toBe(3);
    expect((await read({ ...tenant, sandbox: 'other' })).isEmpty).toBe(true);
  });

  it('stands for good, the later of two counting, and is open as long as one of them is not done', async () => {
    for (const [id, at] of [
      ['1', 20],
      ['2', 10],
      ['3', 30],
    ] as const) {
      await setter.set(tenant, [{ kind: 'dataset', datasetId: 'd' }], at, id);
    }
    for (const id of ['1', '2']) await setter.close(tenant, id);
    expect((await read()).isOpen({ datasetId: 'd' }, [])).toBe(true);
    await setter.close(tenant, '3');
    const table = await read();
    expect([table.ofSource({ datasetId: 'd' }), table.isOpen({ datasetId: 'd' }, [])]).toEqual([30, false]);
  });

  it('is everything of a sandbox until its deletion is done, then what was accepted before', async () => {
    await setter.set(tenant, [{ kind: 'sandbox' }], ALWAYS, '1');
    expect((await read()).ofSource({ datasetId: 'd' })).toBe(ALWAYS);
    await setter.endSandbox(tenant, 50);
    expect((await read()).ofSource({ datasetId: 'd' })).toBe(50);
    expect(await fences.version(tenant)).toBe(2);
  });

  it('is listed since a moment, for those who publish people read earlier', async () => {
    await setter.set(tenant, [{ kind: 'dataset', datasetId: 'd' }], 10, '1');
    await setter.set(
      tenant,
      [
        { kind: 'person', xid: 'x' },
        { kind: 'person', xid: 'y' },
      ],
      20,
      '2',
    );
    expect(await fences.acceptedSince(tenant, 11)).toEqual([
      { subject: { kind: 'person', xid: 'x' }, at: 20 },
      { subject: { kind: 'person', xid: 'y' }, at: 20 },
    ]);
    expect(await fences.acceptedSince(tenant, 10)).toHaveLength(3);
    expect(await fences.acceptedSince(tenant, 21)).toEqual([]);
  });
});
