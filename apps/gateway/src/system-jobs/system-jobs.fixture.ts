import { tenantKey, type Tenant } from '@tessera/contracts';
import { xidOf, type DataBehavior } from '@tessera/domain';
import { JobCommands } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import {
  BatchStore,
  DatasetStore,
  DeletionFences,
  JobStore,
  MergePolicyStore,
  MongoIdentityGraphWriter,
  NamespaceStore,
  RememberedNamespaceTypes,
  type Job,
} from '@tessera/stores';
import { deleteTestTopics, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { startTestApplication, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { MergePoliciesModule } from '../merge-policies/merge-policies.module.js';
import { SystemJobsModule } from './system-jobs.module.js';

const JOBS = '/data/core/ups/system/jobs';

/** System jobs of the gateway on real MongoDB and Kafka, with no worker that does them. */
export async function startSystemJobs() {
  const { kafkaBrokers } = testServers();
  const topicPrefix = uniqueTopicPrefix();
  const logger = createLogger('test', 'silent');
  const messaging = new Messaging({ brokers: kafkaBrokers.split(','), topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  await Promise.all([ensureTopics(messaging, 1, 1), producer.connect()]);
  const application: TestApplication = await startTestApplication((database) => [
    SystemJobsModule.with({ database, commands: new JobCommands(new JobStore(database), producer), maxIdentities: 50 }),
    MergePoliciesModule.with({ policies: new MergePolicyStore(database), datasets: new DatasetStore(database) }),
  ]);
  const { database } = application;
  const [jobs, datasets, batches] = [new JobStore(database), new DatasetStore(database), new BatchStore(database)];
  const graph = new MongoIdentityGraphWriter(database, {
    namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)),
  });
  let names = 0;
  return {
    application,
    jobs,
    datasets,
    fences: new DeletionFences(database),
    xid: (tenant: Tenant, email: string) => xidOf(tenant, 'email', email),
    call: <Body = Record<string, unknown>>(tenant: Tenant, path = '', call: Call = {}) =>
      application.call<Body>(tenant, `${JOBS}${path}`, call),
    jobsOf: async (tenant: Tenant): Promise<readonly Job[]> =>
      (await jobs.list(tenant, {}, { start: 0, limit: 99 })).children,
    dataset: async (tenant: Tenant, behavior: DataBehavior = 'record'): Promise<string> => {
      const made = { name: `dataset ${(names += 1)}`, schemaRef: { id: 'schema' }, tags: {}, createdUser: 'test' };
      const rules = { behavior, profile: true, identity: true, upsert: false };
      const created = await datasets.create({ tenant, ...made, rules, created: 1, updated: 1, version: '1.0.0' });
      if (created === 'name-taken') throw new Error(created);
      return created.id;
    },
    batch: async (tenant: Tenant, datasetId: string, behavior: DataBehavior): Promise<string> => {
      const id = `BATCH${tenantKey(tenant).length}${(names += 1)}`;
      await batches.create({
        id,
        tenant,
        datasetId,
        behavior,
        status: 'success',
        inputFormat: { format: 'json' },
        enableErrorDiagnostics: false,
        partialIngestionPercent: 0,
        created: 1,
        updated: 1,
        createdUser: 'test',
        updatedUser: 'test',
        version: 1,
        requestId: 'r',
        metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 0 },
        errors: [],
      });
      return id;
    },
    link: async (tenant: Tenant, emails: readonly string[]): Promise<void> => {
      const identities = emails.map((id) => ({ xid: xidOf(tenant, 'email', id), namespace: 'email', id }));
      await graph.apply(tenant, [{ identities, links: true, datasetId: 'd', first: 1, last: 1, acceptedAt: 1 }]);
    },
    close: async () => {
      await application.close();
      await producer.close();
      await deleteTestTopics(kafkaBrokers, topicPrefix);
    },
  };
}
