import { consumerGroups, identitySettingsChangedMessageSchema, topics, type Tenant } from '@tessera/contracts';
import { BatchConsumer, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import { IdentitySettingsRepository } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { startTestApplication, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { startProducer } from './identity.fixture.js';
import { IdentityModule } from './identity.module.js';

/** Real: MongoDB and Kafka. */
const path = '/data/core/identity/settings';

let application: TestApplication;
let kafka: Awaited<ReturnType<typeof startProducer>>;
let tenant: Tenant;

beforeAll(async () => {
  kafka = await startProducer();
  application = await startTestApplication((database) => [IdentityModule.with({ database, producer: kafka.producer })]);
});
beforeEach(() => {
  tenant = application.newTenant();
});
afterAll(async () => {
  await application.close();
  await kafka.close();
});

const put = (body: unknown, call: Call = {}) => application.call(tenant, path, { method: 'PUT', body, ...call });
const get = (call: Call = {}) => application.call(tenant, path, call);

describe('identity settings', () => {
  it('have no rules until some are put, which then replace each other', async () => {
    expect(await get()).toMatchObject({ status: 200, body: { namespaces: [] } });
    const rules = { namespaces: [{ code: 'EMAIL', unique: true, priority: 2 }, { code: 'ecid' }] };
    const stored = {
      namespaces: [
        { code: 'Email', unique: true, priority: 2 },
        { code: 'ECID', unique: false },
      ],
    };
    expect(await put(rules)).toMatchObject({ status: 200, body: stored });
    expect((await get()).body).toEqual(stored);
    expect((await put({ namespaces: [] })).body).toEqual({ namespaces: [] });
    expect((await get()).body).toEqual({ namespaces: [] });
  });

  it('are put by administrators only', async () => {
    expect((await put({ namespaces: [] }, { scopes: ['profile.read', 'profile.write'] })).status).toBe(403);
    expect((await put({ namespaces: [] }, { scopes: ['profile.admin'] })).status).toBe(200);
    expect((await get({ scopes: ['profile.read'] })).status).toBe(200);
    expect((await get({ scopes: ['profile.write'] })).status).toBe(403);
  });

  it('tell every fault with its place', async () => {
    const invalid = await put({ namespaces: [{ code: '', priority: 0 }, { unique: 'yes' }] });
    expect(invalid).toMatchObject({ status: 400 });
    const paths = ({ body }: Awaited<ReturnType<typeof put>>) =>
      (body['errors'] as { path: string }[]).map((error) => error.path).sort();
    expect(paths(invalid)).toEqual([
      '/namespaces/0/code',
      '/namespaces/0/priority',
      '/namespaces/1/code',
      '/namespaces/1/unique',
    ]);
    const unknown = await put({ namespaces: [{ code: 'Email' }, { code: 'Nope' }, { code: 'eMail' }] });
    expect(unknown).toMatchObject({ status: 400 });
    expect(paths(unknown)).toEqual(['/namespaces/1/code', '/namespaces/2/code']);
    expect((await get()).body).toEqual({ namespaces: [] });
  });

  it('reach the merge worker when they change', async () => {
    const heard: string[] = [];
    const consumer = new BatchConsumer(kafka.messaging, {
      topic: topics.identitySettings,
      group: consumerGroups.mergeSettings,
      handle: (messages) => {
        for (const { value } of messages) {
          heard.push(identitySettingsChangedMessageSchema.parse(JSON.parse(value.toString())).sandbox);
        }
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 50,
    });
    await put({ namespaces: [{ code: 'Email', unique: true }] });
    await consumer.start();
    await eventually(() => {
      expect(heard).toContain(tenant.sandbox);
    });
    await consumer.stop();
  });

  it('are kept, and remembered as not applied, while the merge worker cannot be told', async () => {
    const logger = createLogger('gateway', 'silent');
    const nowhere = new Producer(
      new Messaging({ brokers: ['127.0.0.1:1'], topicPrefix: '', clientId: 'test', logger }),
    );
    const silent = await startTestApplication((database) => [IdentityModule.with({ database, producer: nowhere })]);
    const own = silent.newTenant();
    const body = { namespaces: [{ code: 'Email', unique: true }] };
    expect((await silent.call(own, path, { method: 'PUT', body })).status).toBe(200);
    expect((await silent.call(own, path)).body).toEqual(body);
    const unapplied = await new IdentitySettingsRepository(silent.database).takeOverdue(new Date());
    expect(unapplied).toMatchObject(own);
    await silent.close();
  });
});
