import { Controller, Module, Post, type DynamicModule } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { Inlet, InletAccess } from '@tessera/http';
import { ConnectionStore } from '@tessera/stores';
import {
  anySandbox,
  startTestApplication,
  type Answer,
  type Call,
  type TestApplication,
} from '../fixtures/application.fixture.js';
import { FlowServiceModule } from './flow-service.module.js';
import { InletDirectory } from './inlet-directory.js';

const path = '/data/foundation/flowservice/connections';

interface ConnectionItem {
  readonly id: string;
  readonly auth: { readonly params: { readonly inletId: string; readonly inletUrl: string } };
}

@Controller('collection')
class CollectionController {
  @Post(':inletId')
  @InletAccess()
  take(@Inlet() inlet: Inlet) {
    return inlet;
  }
}

@Module({ controllers: [CollectionController] })
class CollectionModule {}

/** Directory and module share their cache, as in the gateway. */
function startGateway(publicUrl?: string): Promise<TestApplication> {
  let inlets: InletDirectory;
  const modules = (connections: ConnectionStore): DynamicModule[] => [
    FlowServiceModule.with({ connections, inlets, publicUrl }),
    { module: CollectionModule },
  ];
  return startTestApplication(
    (database) => {
      const connections = new ConnectionStore(database);
      inlets = new InletDirectory(connections, anySandbox);
      return modules(connections);
    },
    () => ({ inlets: { findByInlet: (inletId) => inlets.findByInlet(inletId) } }),
  );
}

let application: TestApplication;
beforeAll(async () => {
  application = await startGateway();
});
afterAll(() => application.close());

const call = <Body = Record<string, unknown>>(tenant: Tenant, below = '', options?: Call): Promise<Answer<Body>> =>
  application.call<Body>(tenant, `${path}${below}`, options);

const body = (params: Record<string, unknown> = {}, name = 'Tills'): Record<string, unknown> => ({
  name,
  connectionSpec: { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' },
  auth: { specName: 'Streaming Connection', params: { dataType: 'xdm', ...params } },
});

async function createConnection(tenant: Tenant, params?: Record<string, unknown>, name?: string): Promise<string> {
  const answer = await call<{ id: string }>(tenant, '', { method: 'POST', body: body(params, name) });
  expect(answer).toMatchObject({ status: 201, body: { id: expect.any(String) as string } });
  return answer.body.id;
}

async function connectionOf(tenant: Tenant, id: string, headers: Record<string, string> = {}): Promise<ConnectionItem> {
  const answer = await call<{ items: ConnectionItem[] }>(tenant, `/${id}`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.body.items).toHaveLength(1);
  return answer.body.items[0] as ConnectionItem;
}

const inletOf = async (tenant: Tenant, id: string): Promise<string> =>
  (await connectionOf(tenant, id)).auth.params.inletId;

const send = (tenant: Tenant, inletId: string, options: Call = {}): Promise<Answer> =>
  application.call(tenant, `/collection/${inletId}`, { method: 'POST', ...options });

describe('streaming connections', () => {
  it('shows a connection as it was created, with an inlet of its own', async () => {
    const tenant = application.newTenant();
    const created = await call(tenant, '', {
      method: 'POST',
      body: body({ sourceId: 'till', name: 'tills', other: 1 }),
    });
    expect(created).toMatchObject({ status: 201 });
    expect(Object.keys(created.body).sort()).toEqual(['etag', 'id']);
    const connection = await connectionOf(tenant, String(created.body['id']), { host: 'tessera.example:8443' });
    const { inletId } = connection.auth.params;
    expect(inletId).toMatch(/^[0-9a-f]{64}$/);
    expect(connection).toEqual({
      id: created.body['id'],
      name: 'Tills',
      connectionSpec: body()['connectionSpec'],
      state: 'enabled',
      auth: {
        specName: 'Streaming Connection',
        params: {
          name: 'tills',
          sourceId: 'till',
          dataType: 'xdm',
          authenticationRequired: true,
          inletUrl: `http://tessera.example:8443/collection/${inletId}`,
          inletId,
        },
      },
      version: created.body['etag'],
      etag: created.body['etag'],
      createdAt: expect.any(Number) as number,
      updatedAt: expect.any(Number) as number,
      createdBy: 'test-client',
      imsOrgId: tenant.organisation,
      sandboxId: `id-of-${tenant.sandbox}`,
      sandboxName: tenant.sandbox,
    });
  });

  it('names the public address in inlets where one is configured', async () => {
    const gateway = await startGateway('https://collect.example/base/');
    try {
      const tenant = gateway.newTenant();
      const { body: created } = await gateway.call(tenant, path, { method: 'POST', body: body() });
      const { body: found } = await gateway.call<{ items: ConnectionItem[] }>(
        tenant,
        `${path}/${String(created['id'])}`,
      );
      const { inletId, inletUrl } = found.items[0]?.auth.params ?? {};
      expect(inletUrl).toBe(`https://collect.example/base/collection/${inletId}`);
    } finally {
      await gateway.close();
    }
  });

  it('tells every fault of a body', async () => {
    const faulty = {
      name: '',
      connectionSpec: {},
      auth: { specName: 'FTP', params: { dataType: 'raw', authenticationRequired: 'no' } },
    };
    const answer = await call(application.newTenant(), '', { method: 'POST', body: faulty });
    expect(answer).toMatchObject({ status: 400, body: { code: 'TSR-GEN-3400' } });
    const paths = (answer.body['errors'] as { path: string }[]).map((fault) => fault.path).sort();
    expect(paths).toEqual([
      '/auth/params/authenticationRequired',
      '/auth/params/dataType',
      '/auth/specName',
      '/connectionSpec/id',
      '/name',
    ]);
  });

  it('lists all connections of the sandbox page by page, also while others are added', async () => {
    const tenant = application.newTenant();
    const ids = [];
    for (const name of ['A', 'B', 'C']) ids.push(await createConnection(tenant, {}, name));
    await createConnection(application.newTenant());
    const listed: string[] = [];
    let next: string | undefined = `${path}?limit=2`;
    while (next !== undefined) {
      const page: Answer<{ items: ConnectionItem[]; _links: { next?: { href: string } } }> = await application.call(
        tenant,
        next,
      );
      expect(page.status).toBe(200);
      listed.push(...page.body.items.map(({ id }) => id));
      next = page.body._links.next?.href;
      if (listed.length === 2) ids.push(await createConnection(tenant, {}, 'D'));
    }
    expect(listed).toHaveLength(4);
    expect(new Set(listed)).toEqual(new Set(ids));
    for (const query of ['?limit=0', '?limit=1001', '?continuationToken=x']) {
      expect((await call(tenant, query)).status).toBe(400);
    }
  });

  it('keeps sandboxes apart', async () => {
    const [tenant, other] = [application.newTenant(), application.newTenant()];
    const id = await createConnection(tenant);
    const unknown = { status: 404, body: { code: 'TSR-FLW-0404' } };
    expect(await call(other, `/${id}`)).toMatchObject(unknown);
    expect(await call(other, `/${id}`, { method: 'DELETE' })).toMatchObject(unknown);
    expect((await call<{ items: unknown[] }>(other)).body.items).toEqual([]);
    expect((await call(tenant, `/${id}`)).status).toBe(200);
  });

  it('opens the inlet at once, with a token unless the connection says otherwise', async () => {
    const tenant = application.newTenant();
    const [closed, open] = [
      await createConnection(tenant),
      await createConnection(tenant, { authenticationRequired: false }),
    ];
    const anonymous = { headers: { authorization: '' } };
    const inletId = await inletOf(tenant, closed);
    expect((await send(tenant, inletId, anonymous)).status).toBe(401);
    expect(await send(tenant, inletId)).toMatchObject({ status: 201, body: { inletId, connectionId: closed, tenant } });
    const elsewhere = { organisation: 'OTHER@TesseraOrg', sandbox: 'other' };
    expect(await send(elsewhere, await inletOf(tenant, open), anonymous)).toMatchObject({
      status: 201,
      body: { tenant },
    });
  });

  it('closes the inlet of a deleted connection at once', async () => {
    const tenant = application.newTenant();
    const id = await createConnection(tenant);
    const inletId = await inletOf(tenant, id);
    expect((await send(tenant, inletId)).status).toBe(201);
    expect(await call(tenant, `/${id}`, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
    expect((await send(tenant, inletId)).status).toBe(404);
    expect((await call(tenant, `/${id}`)).status).toBe(404);
    expect((await call(tenant, `/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('asks for the scope of each operation', async () => {
    const tenant = application.newTenant();
    const id = await createConnection(tenant);
    const status = async (below: string, options: Call): Promise<number> => (await call(tenant, below, options)).status;
    expect(await status('', { scopes: ['profile.write'] })).toBe(403);
    expect(await status('', { method: 'POST', body: body(), scopes: ['profile.read', 'ingest'] })).toBe(403);
    expect(await status(`/${id}`, { method: 'DELETE', scopes: ['profile.read'] })).toBe(403);
    expect(await status(`/${id}`, { method: 'DELETE', scopes: ['profile.write'] })).toBe(204);
  });
});
