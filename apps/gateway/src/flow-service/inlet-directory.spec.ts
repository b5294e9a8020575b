import type { Tenant } from '@tessera/contracts';
import type { SandboxLookup } from '@tessera/http';
import { ConnectionStore, Database, ensureIndexes, type StoredConnection } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { InletDirectory } from './inlet-directory.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const connections = new ConnectionStore(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'here' };

const sandboxesNamed = (names: Set<string>): SandboxLookup => ({
  find: (_organisation, by) => {
    const wanted = 'name' in by ? by.name : '';
    const found = { id: wanted, name: wanted, title: wanted, type: 'development', isDefault: false } as const;
    return Promise.resolve(names.has(wanted) ? found : undefined);
  },
});
const create = (): Promise<StoredConnection> =>
  connections.create(
    tenant,
    {
      name: 'Tills',
      connectionSpec: { id: 'x' },
      params: { dataType: 'xdm', authenticationRequired: true },
      createdBy: 'client',
    },
    1,
  );

beforeAll(() => ensureIndexes(database));

afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

describe('inlet directory', () => {
  it('tells of a removal on another instance within a second', async () => {
    let time = 0;
    const inlets = new InletDirectory(connections, sandboxesNamed(new Set(['here'])), { now: () => time });
    const { id, inletId } = await create();
    expect(await inlets.findByInlet(inletId)).toEqual({
      inletId,
      connectionId: id,
      tenant,
      authenticationRequired: true,
    });
    await connections.delete(tenant, id);
    time += 999;
    expect(await inlets.findByInlet(inletId)).toBeUndefined();
  });

  it('knows no inlet of a sandbox that is not there any more', async () => {
    let time = 0;
    const names = new Set(['here']);
    const inlets = new InletDirectory(connections, sandboxesNamed(names), { now: () => time });
    const { inletId } = await create();
    expect(await inlets.findByInlet(inletId)).toBeDefined();
    names.clear();
    time += 999;
    expect(await inlets.findByInlet(inletId)).toBeUndefined();
  });

  it('asks the store only for what looks like an inlet', async () => {
    const inlets = new InletDirectory(
      { findByInlet: () => Promise.reject(new Error('asked')) },
      sandboxesNamed(new Set()),
    );
    for (const inletId of ['', 'x', 'f'.repeat(63), 'F'.repeat(64), `${'f'.repeat(64)}\n`]) {
      expect(await inlets.findByInlet(inletId)).toBeUndefined();
    }
    await expect(inlets.findByInlet('f'.repeat(64))).rejects.toThrow('asked');
  });
});
