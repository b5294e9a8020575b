import type { JsonObject } from '@tessera/contracts';
import { startGateway, type TestGateway } from '../fixtures/gateway.fixture.js';
import { createInlet } from '../fixtures/streaming.fixture.js';

const REGISTRY = '/data/foundation/schemaregistry/tenant';
const CATALOG = '/data/foundation/catalog/dataSets';

/** Real: the gateway, MongoDB and Kafka. */
describe('records of a schema of the sandbox’s own', () => {
  let gateway: TestGateway;
  let inletId: string;
  let schemaId: string;
  let datasetId: string;

  beforeAll(async () => {
    gateway = await startGateway();
    ({ inletId } = await createInlet(gateway));
    const { $id } = await send<{ $id: string }>('POST', `${REGISTRY}/schemas`, {
      title: 'Members',
      type: 'object',
      'meta:class': 'https://ns.adobe.com/xdm/context/profile',
      required: ['loyalty'],
      properties: {
        mail: { type: 'string' },
        loyalty: { type: 'object', properties: { tier: { enum: ['gold', 'silver'] }, points: { minimum: 0 } } },
      },
    });
    schemaId = $id;
    await send('POST', `${REGISTRY}/descriptors`, {
      '@type': 'xdm:descriptorIdentity',
      'xdm:sourceSchema': schemaId,
      'xdm:sourceProperty': '/mail',
      'xdm:namespace': 'Email',
      'xdm:isPrimary': true,
    });
    await change({ op: 'add', path: '/meta:immutableTags', value: ['union'] });
    const [reference = ''] = await send<string[]>('POST', CATALOG, {
      name: 'members',
      schemaRef: { id: schemaId, contentType: 'application/vnd.adobe.xed+json' },
      tags: { unifiedProfile: ['enabled:true'] },
    });
    datasetId = reference.replace('@/dataSets/', '');
  });
  afterAll(() => gateway.close());

  async function send<Body>(method: 'POST' | 'PATCH', url: string, payload: object): Promise<Body> {
    const answer = await gateway.application.inject({ method, url, payload, headers: await gateway.headers() });
    expect(answer.statusCode).toBeLessThan(300);
    return answer.json<Body>();
  }

  const change = (operation: object) =>
    send('PATCH', `${REGISTRY}/schemas/${encodeURIComponent(schemaId)}`, [operation]);

  /** The paths of what is wrong with a record; of a record that is taken, none. */
  async function faultsOf(entity: JsonObject, header: JsonObject = {}, query = '?syncValidation=true') {
    const { authorization = '' } = await gateway.headers();
    const answer = await gateway.application.inject({
      method: 'POST',
      url: `/collection/${inletId}${query}`,
      payload: {
        header: { schemaRef: { id: schemaId }, datasetId, ...header },
        body: { xdmMeta: {}, xdmEntity: entity },
      },
      headers: { authorization },
    });
    if (answer.statusCode === 200) return [];
    expect(answer.statusCode).toBe(400);
    return answer.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path);
  }

  it('are checked before they are taken where that is asked for, and every fault is told', async () => {
    expect(await faultsOf({ mail: 'ada@example.com', loyalty: { tier: 'gold', points: 1 } })).toEqual([]);
    expect(await faultsOf({ loyalty: { tier: 'tin', points: -1 } })).toEqual([
      '/body/xdmEntity/loyalty/tier',
      '/body/xdmEntity/loyalty/points',
      '/body/xdmEntity/identityMap',
    ]);
    expect(await faultsOf({ loyalty: { tier: 'tin', points: -1 } }, {}, '')).toEqual([]);
  });

  it('need not be whole when they change single fields, or delete', async () => {
    expect(await faultsOf({ mail: 'ada@example.com' })).toEqual(['/body/xdmEntity/loyalty']);
    expect(await faultsOf({ mail: 'ada@example.com' }, { operations: { data: 'merge' } })).toEqual([]);
    expect(await faultsOf({ mail: 'ada@example.com' }, { operations: { data: 'delete' } })).toEqual([]);
  });

  it('are checked by the schema as it is now', async () => {
    const record = { mail: 'ada@example.com', loyalty: { tier: 'gold' }, nick: 'x' };
    expect(await faultsOf(record)).toEqual([]);
    await change({ op: 'add', path: '/properties/nick', value: { type: 'string', minLength: 2 } });
    expect(await faultsOf(record)).toEqual(['/body/xdmEntity/nick']);
  });
});
