import { Database, ensureIndexes, SandboxStore } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { SandboxDirectory } from './sandbox-directory.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const store = new SandboxStore(database);

const order = { acceptedAt: 1, requestedBy: 'client', requestId: 'r' };
const create = (organisation: string, sandbox: string) =>
  store.create(organisation, { name: sandbox, title: sandbox, type: 'development', createdBy: 'client' }, 1);

beforeAll(() => ensureIndexes(database));

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('directory of sandboxes', () => {
  it('gives every organisation a default sandbox with an id of its own, the same on every instance', async () => {
    const [one, other] = [new SandboxDirectory(store), new SandboxDirectory(store)];
    const [a, b] = [await one.find('A', { name: 'prod' }), await one.find('B', { name: 'prod' })];
    expect(a).toEqual(await other.find('A', { id: a?.id ?? '' }));
    expect(a?.id).not.toBe(b?.id);
    expect(await one.find('A', { id: b?.id ?? '' })).toBeUndefined();
  });

  it('finds what another instance created at once, and within half a second no more what it deleted', async () => {
    let time = 0;
    const directory = new SandboxDirectory(store, { now: () => time });
    expect(await directory.find('A', { name: 'dev' })).toBeUndefined();
    const created = await create('A', 'dev');
    if (created === 'name-taken') throw new Error('the name is taken');
    expect(await directory.find('A', { name: 'dev' })).toMatchObject({ name: 'dev', isDefault: false });
    expect(await directory.find('A', { id: created.id })).toMatchObject({ name: 'dev' });
    await store.delete('A', 'dev', order);
    time += 500;
    expect(await directory.find('A', { name: 'dev' })).toBeUndefined();
    expect(await directory.find('A', { id: created.id })).toBeUndefined();
  });

  it('keeps organisations apart', async () => {
    const directory = new SandboxDirectory(store);
    const created = await create('A', 'own');
    if (created === 'name-taken') throw new Error('the name is taken');
    expect(await directory.find('B', { name: 'own' })).toBeUndefined();
    expect(await directory.find('B', { id: created.id })).toBeUndefined();
  });

  it('asks the store only for what may be a sandbox', async () => {
    const directory = new SandboxDirectory({ find: () => Promise.reject(new Error('asked')) });
    for (const text of ['', 'A', 'a/b', 'x'.repeat(129)]) {
      expect(await directory.find('A', { name: text })).toBeUndefined();
      expect(await directory.find('A', { id: text })).toBeUndefined();
    }
    await expect(directory.find('A', { name: 'dev' })).rejects.toThrow('asked');
  });
});
