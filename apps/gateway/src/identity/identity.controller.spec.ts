import type { Tenant } from '@tessera/contracts';
import { NamespaceStore } from '@tessera/stores';
import { startTestApplication, type Answer, type TestApplication } from '../fixtures/application.fixture.js';
import { evidence, graphOf, startProducer, xid } from './identity.fixture.js';
import { IdentityModule } from './identity.module.js';

/** Real: MongoDB and Kafka. */
const base = '/data/core/identity';

let application: TestApplication;
let graph: ReturnType<typeof graphOf>;
let kafka: Awaited<ReturnType<typeof startProducer>>;
let tenant: Tenant;

beforeAll(async () => {
  kafka = await startProducer();
  application = await startTestApplication((database) => [IdentityModule.with({ database, producer: kafka.producer })]);
  graph = graphOf(application.database);
});
beforeEach(() => {
  tenant = application.newTenant();
});
afterAll(async () => {
  await application.close();
  await kafka.close();
});

const get = <Body = Record<string, unknown>>(path: string): Promise<Answer<Body>> =>
  application.call<Body>(tenant, `${base}/${path}`);
const post = <Body = Record<string, unknown>>(path: string, body: unknown): Promise<Answer<Body>> =>
  application.call<Body>(tenant, `${base}/${path}`, { method: 'POST', body });
const apply = (identities: string[], more: Parameters<typeof evidence>[2] = {}) =>
  graph.writer.apply(tenant, [evidence(tenant, identities, more)]);
const inOrder = (identities: readonly string[]) =>
  [...identities].sort((one, other) => (xid(tenant, one) < xid(tenant, other) ? -1 : 1));

const compareIds = (one: string, other: string) => (one < other ? -1 : 1);

describe('the XID of an identity', () => {
  it('is the same by code in any spelling and by id of the namespace', async () => {
    const expected = { status: 200, body: { xid: xid(tenant, 'email:ada@example.com') } };
    expect(await get('identity?namespace=Email&id=ada%40example.com')).toMatchObject(expected);
    expect(await get('identity?namespace=eMAIL&id=ada%40example.com')).toMatchObject(expected);
    expect(await get('identity?nsid=6&id=ada%40example.com')).toMatchObject(expected);
  });

  it('is known for namespaces that the sandbox added, and only there', async () => {
    const loyalty = { name: 'Loyalty', code: 'Loyalty', description: '', idType: 'CROSS_DEVICE' } as const;
    const created = await new NamespaceStore(application.database).create(tenant, loyalty, 0);
    const { id } = created as { id: number };
    expect((await get(`identity?nsid=${id}&id=1`)).body).toEqual({ xid: xid(tenant, 'loyalty:1') });
    tenant = application.newTenant();
    expect(await get(`identity?nsid=${id}&id=1`)).toMatchObject({ status: 404, body: { code: 'TSR-NSP-0404' } });
    expect(await get('identity?namespace=Loyalty&id=1')).toMatchObject({ status: 404, body: { code: 'TSR-NSP-0404' } });
  });

  it('needs a value and its namespace', async () => {
    expect((await get('identity?namespace=Email')).status).toBe(400);
    expect((await get('identity?id=1')).status).toBe(400);
    expect((await get('identity?nsid=six&id=1')).status).toBe(400);
  });
});

describe('cluster members', () => {
  const email = { namespace: 'Email', id: 'ada' };
  const phone = { namespace: 'Phone', id: '1' };

  it('are answered in the form of the request', async () => {
    await apply(['email:ada', 'phone:1']);
    const people = inOrder(['email:ada', 'phone:1']);
    expect((await get(`cluster/members?xid=${xid(tenant, 'email:ada')}`)).body).toEqual({
      version: '1.1.0',
      clusters: [{ xid: xid(tenant, 'email:ada'), members: people.map((one) => xid(tenant, one)) }],
      unprocessedRecords: [],
    });
    const byCode = { 'email:ada': email, 'phone:1': phone };
    expect((await get('cluster/members?namespace=email&id=ada')).body).toMatchObject({
      clusters: [
        {
          compositeXid: { namespace: 'email', id: 'ada' },
          members: people.map((one) => byCode[one as keyof typeof byCode]),
        },
      ],
    });
    const byId = { 'email:ada': { nsid: 6, id: 'ada' }, 'phone:1': { nsid: 7, id: '1' } };
    expect((await get('cluster/members?nsid=6&id=ada&graph-type=pdg')).body).toMatchObject({
      clusters: [
        { compositeXid: { nsid: 6, id: 'ada' }, members: people.map((one) => byId[one as keyof typeof byId]) },
      ],
    });
  });

  it('are the identity alone without a graph', async () => {
    await apply(['email:ada', 'phone:1']);
    expect((await get('cluster/members?namespace=Email&id=ada&graph-type=none')).body).toMatchObject({
      clusters: [{ compositeXid: email, members: [email] }],
    });
    expect((await get('cluster/members?namespace=Email&id=ada&graph-type=other')).status).toBe(400);
  });

  it('refuse what names no identity', async () => {
    expect((await get('cluster/members')).status).toBe(400);
    expect((await get('cluster/members?xid=short')).status).toBe(400);
    expect((await get('cluster/members?namespace=Nope&id=1')).status).toBe(404);
    expect((await get('cluster/members?namespace=Email&id=unseen')).body).toEqual({
      version: '1.1.0',
      clusters: [],
      unprocessedRecords: [{ namespace: 'Email', id: 'unseen' }],
    });
  });

  it('of many come in request order, each in its own form, with what could not be processed', async () => {
    await apply(['email:ada', 'phone:1']);
    await apply(['email:bob']);
    const compositeXids = [
      { nsid: '6', id: 'bob' },
      { namespace: 'Email', id: 'ada' },
      { nsid: 6, id: 'bob' },
      { nsid: 999_999, id: 'x' },
      { namespace: 'Nope', id: 'x' },
    ];
    const answer = await post<{ clusters: { compositeXid: object }[]; unprocessedRecords: object[] }>(
      'clusters/members',
      { compositeXids },
    );
    expect(answer.status).toBe(200);
    expect(answer.body.clusters.map(({ compositeXid }) => compositeXid)).toEqual([
      { nsid: 6, id: 'bob' },
      { namespace: 'Email', id: 'ada' },
      { nsid: 6, id: 'bob' },
    ]);
    expect(answer.body.clusters[0]).toEqual({
      compositeXid: { nsid: 6, id: 'bob' },
      members: [{ nsid: 6, id: 'bob' }],
    });
    expect(answer.body.unprocessedRecords).toEqual([
      { nsid: 999_999, id: 'x' },
      { namespace: 'Nope', id: 'x' },
    ]);
    const xids = [xid(tenant, 'email:bob'), 'malformed', xid(tenant, 'email:unseen')];
    expect((await post('clusters/members', { xids, 'graph-type': 'Private Graph' })).body).toEqual({
      version: '1.1.0',
      clusters: [{ xid: xids[0], members: [xids[0]] }],
      unprocessedRecords: xids.slice(1),
    });
  });

  it('are told of 1,000 identities at most', async () => {
    const xids = Array.from({ length: 1_001 }, (_, index) => `x${index}`);
    expect((await post('clusters/members', { xids })).status).toBe(400);
    expect((await post('clusters/members', { xids: xids.slice(1) })).status).toBe(200);
    expect((await post('clusters/members', {})).status).toBe(400);
  });

  it('of one sandbox are nothing to another', async () => {
    await apply(['email:ada', 'phone:1']);
    const known = xid(tenant, 'email:ada');
    tenant = application.newTenant();
    expect((await get(`cluster/members?xid=${known}`)).body).toMatchObject({
      clusters: [],
      unprocessedRecords: [known],
    });
  });

  it('come apart into exactly the two people when the evidence that glued them is withdrawn', async () => {
    await apply(['email:ada', 'phone:1']);
    await apply(['email:bob', 'phone:2']);
    const two = [await get('cluster/members?nsid=6&id=ada'), await get('cluster/members?nsid=6&id=bob')];
    await apply(['phone:1', 'phone:2'], { datasetId: 'glue' });
    expect((await get('cluster/members?nsid=6&id=ada')).body).toMatchObject({ clusters: [{ members: { length: 4 } }] });
    for await (const step of graph.maintenance.removeEvidence(tenant, { datasetId: 'glue' }, 9)) {
      expect(step.changes).toHaveLength(2);
    }
    const again = [await get('cluster/members?nsid=6&id=ada'), await get('cluster/members?nsid=6&id=bob')];
    expect(again.map(({ text }) => text)).toEqual(two.map(({ text }) => text));
  });
});

describe('graphs', () => {
  it('are sets of members, by either name of the list', async () => {
    await apply(['email:ada', 'phone:1']);
    const shown = { 'email:ada': { ns: 'Email', id: 'ada' }, 'phone:1': { ns: 'Phone', id: '1' } };
    const expected = {
      version: '2.0',
      graphs: [
        {
          composite_xid: { ns: 'email', id: 'ada' },
          members: inOrder(['email:ada', 'phone:1']).map((one) => shown[one as keyof typeof shown]),
        },
      ],
      unprocessed_composite_xids: [{ ns: 'nope', id: '1' }],
    };
    const list = [
      { ns: 'email', id: 'ada' },
      { ns: 'nope', id: '1' },
    ];
    expect((await post('v2/graph', { composite_xids: list, projection_type: 'set' })).body).toEqual(expected);
    expect((await post('v2/graph', { composite_xid: list })).body).toEqual(expected);
  });

  it('show vertices and edges with their evidence', async () => {
    await apply(['email:ada', 'phone:1'], { at: 5, datasetId: 'A', batchId: 'B1' });
    await apply(['email:ada', 'phone:1'], { at: 9, datasetId: 'C' });
    await apply(['email:ada', 'phone:1'], { at: 2, datasetId: 'A', batchId: 'B0' });
    await apply(['phone:1', 'ecid:x'], { at: 7, datasetId: 'A' });
    const xids = [xid(tenant, 'email:ada'), 'malformed'];
    const answer = await post('v2/graph', { xids, projection_type: 'graph' });
    const pair = (...ends: string[]) => ends.map((end) => xid(tenant, end)).sort(compareIds);
    const edges = [
      {
        xid_pair: pair('email:ada', 'phone:1'),
        first_established_ts: 2,
        last_established_ts: 9,
        dataset_ids: ['A', 'C'],
        batch_ids: ['B0', 'B1'],
      },
      {
        xid_pair: pair('phone:1', 'ecid:x'),
        first_established_ts: 7,
        last_established_ts: 7,
        dataset_ids: ['A'],
        batch_ids: [],
      },
    ];
    const updated = { 'email:ada': 9, 'phone:1': 9, 'ecid:x': 7 };
    expect(answer.body).toEqual({
      version: '2.0',
      graphs: [
        {
          xid: xids[0],
          vertices: inOrder(Object.keys(updated)).map((one) => ({
            xid: xid(tenant, one),
            last_updated_ts: updated[one as keyof typeof updated],
          })),
          edges: edges.sort((one, other) => compareIds(one.xid_pair.join('.'), other.xid_pair.join('.'))),
        },
      ],
      unprocessed_xids: ['malformed'],
    });
    const bare = { composite_xids: [{ nsid: 6, id: 'ada' }], projection_type: 'graph', require_edge_meta_data: false };
    const { body } = await post<{ graphs: { edges: object[] }[] }>('v2/graph', bare);
    expect(Object.keys(body.graphs[0]?.edges[0] ?? {})).toEqual([
      'composite_xid_pair',
      'first_established_ts',
      'last_established_ts',
    ]);
  });

  it('refuse another projection, and need profile.read only', async () => {
    const body = { composite_xids: [{ nsid: 6, id: 'ada' }], projection_type: 'tree' };
    expect((await post('v2/graph', body)).status).toBe(400);
    const read = { method: 'POST', body: { ...body, projection_type: 'set' }, scopes: ['profile.read'] } as const;
    expect((await application.call(tenant, `${base}/v2/graph`, read)).status).toBe(200);
    expect((await application.call(tenant, `${base}/v2/graph`, { ...read, scopes: ['profile.write'] })).status).toBe(
      403,
    );
  });
});
