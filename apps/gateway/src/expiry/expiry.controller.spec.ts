import { randomUUID } from 'node:crypto';
import type { JsonObject, Tenant } from '@tessera/contracts';
import { JobCommands } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import { DatasetStore, JobStore } from '@tessera/stores';
import { deleteTestTopics, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { CatalogModule } from '../catalog/catalog.module.js';
import { startTestApplication, type TestApplication } from '../fixtures/application.fixture.js';
import { SystemJobsModule } from '../system-jobs/system-jobs.module.js';
import { ExpiryModule } from './expiry.module.js';

const CATALOG = '/data/foundation/catalog';
const EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';
const PROFILE = 'https://ns.adobe.com/xdm/context/profile';

/** Real: MongoDB and Kafka. */
describe('the expiry of events', () => {
  const { kafkaBrokers } = testServers();
  const topicPrefix = uniqueTopicPrefix();
  const logger = createLogger('test', 'silent');
  const messaging = new Messaging({ brokers: kafkaBrokers.split(','), topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  let application: TestApplication;

  beforeAll(async () => {
    await Promise.all([ensureTopics(messaging, 1, 1), producer.connect()]);
    application = await startTestApplication((database) => {
      const jobs = new JobStore(database);
      const datasets = new DatasetStore(database);
      const commands = new JobCommands(jobs, producer);
      return [
        CatalogModule.with({ datasets }),
        ExpiryModule.with({ datasets, commands }),
        SystemJobsModule.with({ database, commands, maxIdentities: 50 }),
      ];
    });
  }, 60_000);
  afterAll(async () => {
    await application.close();
    await producer.close();
    await deleteTestTopics(kafkaBrokers, topicPrefix);
  });

  async function newDataset(tenant: Tenant, schema = EVENT): Promise<string> {
    const body = { name: 'Visits', schemaRef: { id: schema }, tags: { unifiedProfile: ['enabled:true'] } };
    const created = await application.call<string[]>(tenant, `${CATALOG}/dataSets`, { method: 'POST', body });
    return String(created.body[0]).slice('@/dataSets/'.length);
  }

  const bodyOf = (ttlValue: unknown) => ({ extensions: { adobe_unifiedProfile: { rowExpiration: { ttlValue } } } });
  const set = (tenant: Tenant, id: string, ttlValue: unknown, spelling = 'dataSets') =>
    application.call(tenant, `${CATALOG}/v2/${spelling}/${id}`, { method: 'PATCH', body: bodyOf(ttlValue) });
  const ttlOf = async (tenant: Tenant, id: string) =>
    (await application.call<ReturnType<typeof bodyOf>>(tenant, `${CATALOG}/ttl/${id}`)).body.extensions
      .adobe_unifiedProfile.rowExpiration;

  it('is for ever until it is set, and shown with the dataset once it is', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    const unset = { ttlValue: null, valueStatus: 'default', setBy: 'service', defaultValue: null, minValue: 'P1D' };
    expect(await ttlOf(tenant, id)).toMatchObject(unset);
    expect(await set(tenant, id, 'P30D')).toMatchObject({ status: 200, body: [`@/dataSets/${id}`] });
    const custom = { ttlValue: 'P30D', valueStatus: 'custom', setBy: 'user', updated: expect.any(Number) as number };
    expect(await ttlOf(tenant, id)).toMatchObject(custom);
    const shown = () => application.call<Record<string, object>>(tenant, `${CATALOG}/dataSets/${id}`);
    expect((await shown()).body[id]).toMatchObject({
      version: '1.0.1',
      extensions: { adobe_unifiedProfile: { rowExpiration: custom } },
    });
    expect((await set(tenant, id, null, 'datasets')).status).toBe(200);
    expect(await ttlOf(tenant, id)).toMatchObject(unset);
    expect((await shown()).body[id]).not.toHaveProperty('extensions');
  });

  it('survives other changes of the dataset', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    await set(tenant, id, 'P2W');
    const body = { name: 'Renamed', tags: { unifiedProfile: ['enabled:false'] }, extensions: { any: 'thing' } };
    await application.call(tenant, `${CATALOG}/dataSets/${id}`, { method: 'PATCH', body });
    expect(await ttlOf(tenant, id)).toMatchObject({ ttlValue: 'P2W' });
    const dataset = await new DatasetStore(application.database).find(tenant, id);
    expect(dataset).toMatchObject({ name: 'Renamed', switches: [{ profile: false }] });
    await set(tenant, id, 'P3W');
    const again = await new DatasetStore(application.database).find(tenant, id);
    expect(again).toMatchObject({ switches: [{ profile: false }], expiry: { milliseconds: 21 * 86_400_000 } });
  });

  it('has existing events follow by a system job', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    await set(tenant, id, 'P1Y');
    const { body } = await application.call<{ children: object[] }>(tenant, '/data/core/ups/system/jobs');
    expect(body.children).toMatchObject([
      { requestType: 'BACKFILL_TTL', dataSetId: id, properties: { datasetId: id, ttlValue: 'P1Y' } },
    ]);
  });

  it.each(['P0D', 'PT12H', '30', 'P1D2H', '', 'P101Y', 5, ['P1D']])('is never %j', async (ttlValue) => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    const { status, body } = await set(tenant, id, ttlValue);
    const path = '/extensions/adobe_unifiedProfile/rowExpiration/ttlValue';
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    expect(await ttlOf(tenant, id)).toMatchObject({ ttlValue: null });
  });

  it('is of datasets of events only, and of those of the sandbox', async () => {
    const tenant = application.newTenant();
    const records = await newDataset(tenant, PROFILE);
    const refused = await set(tenant, records, 'P30D');
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('events only') as string } });
    const asked = await application.call(tenant, `${CATALOG}/ttl/${records}`);
    expect(asked).toMatchObject({ status: 200, body: { extensions: {} } });
    const events = await newDataset(application.newTenant());
    expect((await set(tenant, events, 'P30D')).status).toBe(404);
    expect((await application.call(tenant, `${CATALOG}/ttl/${events}`)).status).toBe(404);
  });

  it('is not taken at the creation of a dataset, which says where it is set', async () => {
    const tenant = application.newTenant();
    const create = (extensions: unknown) =>
      application.call(tenant, `${CATALOG}/dataSets`, {
        method: 'POST',
        body: { name: randomUUID(), schemaRef: { id: EVENT }, extensions },
      });
    expect(await create(bodyOf('P30D').extensions)).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/extensions', message: expect.stringContaining('/v2/dataSets/{id}') as string }] },
    });
    for (const extensions of [bodyOf(null).extensions, {}, null, { adobe_lakeHouse: { any: 'thing' } }]) {
      expect((await create(extensions)).status).toBe(201);
    }
  });

  it('is not changed with the other fields of a dataset, which says where it is, and may be sent back as it was read', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    const dataset = (body: unknown, headers = {}) =>
      application.call(tenant, `${CATALOG}/dataSets/${id}`, { method: 'PATCH', body, headers });
    const refused = {
      status: 400,
      body: { errors: [{ path: '/extensions', message: expect.stringContaining('/v2/dataSets/{id}') as string }] },
    };
    for (const ttlValue of ['P30D', null]) {
      expect(await dataset({ name: `Now ${ttlValue}`, ...bodyOf('P7D') })).toMatchObject(refused);
      const operation = { op: 'add', path: '/extensions', value: bodyOf('P7D').extensions };
      const jsonPatch = { 'content-type': 'application/json-patch+json' };
      expect(await dataset([operation], jsonPatch)).toMatchObject(refused);
      expect((await set(tenant, id, ttlValue)).status).toBe(200);
      const shown = await application.call<Record<string, JsonObject>>(tenant, `${CATALOG}/dataSets/${id}`);
      expect((await dataset({ ...shown.body[id], name: `Then ${ttlValue}` })).status).toBe(200);
      expect((await dataset(bodyOf(ttlValue))).status).toBe(200);
      expect((await ttlOf(tenant, id)).ttlValue).toBe(ttlValue);
    }
    const withoutExpiry = { extensions: { adobe_unifiedProfile: {}, adobe_lakeHouse: { any: 'thing' } } };
    expect((await dataset(withoutExpiry)).status).toBe(200);
    expect((await dataset({ extensions: null })).status).toBe(200);
    await set(tenant, id, 'P30D');
    expect(await dataset({ extensions: null })).toMatchObject(refused);
  });

  it('is nothing that another store than the profile store is told here', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    const extensions = { ...bodyOf('P30D').extensions, adobe_lakeHouse: { rowExpiration: { ttlValue: 'P30D' } } };
    const misspelt = { adobe_unifiedProfile: { rowExpiration: { ttlValue: 'P30D', ttl: 'P30D' } } };
    const wrong = [
      ...[{ extensions }, {}, { extensions: {} }, { extensions: { adobe_unifiedProfile: {} } }],
      ...[{ extensions: misspelt }, { ...bodyOf('P30D'), name: 'Renamed' }],
    ];
    for (const body of wrong) {
      const answer = await application.call(tenant, `${CATALOG}/v2/dataSets/${id}`, { method: 'PATCH', body });
      expect(answer.status).toBe(400);
    }
  });

  it('may be sent back as it was read', async () => {
    const tenant = application.newTenant();
    const id = await newDataset(tenant);
    await set(tenant, id, 'P30D');
    const { body } = await application.call<JsonObject>(tenant, `${CATALOG}/ttl/${id}`);
    const { extensions = null } = body;
    const again = await application.call(tenant, `${CATALOG}/v2/dataSets/${id}`, {
      method: 'PATCH',
      body: { extensions },
    });
    expect(again.status).toBe(200);
    expect(await ttlOf(tenant, id)).toMatchObject({ ttlValue: 'P30D' });
  });
});
