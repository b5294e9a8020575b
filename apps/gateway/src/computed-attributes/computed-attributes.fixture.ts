import type { JsonObject, Tenant } from '@tessera/contracts';
import { JobCommands } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import { AttributePublication, ComputedAttributeStore, JobStore } from '@tessera/stores';
import { deleteTestTopics, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { startTestApplication, type Answer, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { ComputedAttributesModule } from './computed-attributes.module.js';

export const base = '/data/core/ca/attributes';
export const olderBase = '/data/core/ups/config/computedAttributes';

/** A body that makes an attribute. */
export function attributeBody(overrides: object = {}): object {
  return {
    name: 'spent',
    expression: expressionOf('xEvent.total.sum()'),
    duration: { count: 7, unit: 'DAYS' },
    ...overrides,
  };
}

export function expressionOf(value: string) {
  return { type: 'PQL', format: 'pql/text', value };
}

/** The endpoints of computed attributes, with real MongoDB and Kafka behind them. */
export interface AttributeApplication extends Pick<TestApplication, 'newTenant' | 'close'> {
  readonly attributes: ComputedAttributeStore;
  readonly jobs: JobStore;
  call<Body = JsonObject>(tenant: Tenant, path: string, call?: Call): Promise<Answer<Body>>;
  /** The id of an attribute that is there for sure. */
  create(tenant: Tenant, overrides?: object): Promise<string>;
}

export async function startAttributeApplication(): Promise<AttributeApplication> {
  const servers = testServers();
  const topicPrefix = uniqueTopicPrefix();
  const logger = createLogger('test', 'silent');
  const brokers = servers.kafkaBrokers.split(',');
  const messaging = new Messaging({ brokers, topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  await Promise.all([ensureTopics(messaging, 1, 1), producer.connect()]);
  const application = await startTestApplication((database) => [
    ComputedAttributesModule.with({
      attributes: new ComputedAttributeStore(database),
      publication: new AttributePublication(database),
      commands: new JobCommands(new JobStore(database), producer),
      tenantName: 'tessera',
    }),
  ]);
  return {
    newTenant: application.newTenant,
    attributes: new ComputedAttributeStore(application.database),
    jobs: new JobStore(application.database),
    call: (tenant, path, call) => application.call(tenant, path, call),
    create: async (tenant, overrides) => {
      const body = attributeBody(overrides);
      const created = await application.call<{ id: string }>(tenant, base, { method: 'POST', body });
      if (created.status !== 200) throw new Error(created.text);
      return created.body.id;
    },
    close: async () => {
      await application.close();
      await producer.close();
      await deleteTestTopics(servers.kafkaBrokers, topicPrefix);
    },
  };
}
