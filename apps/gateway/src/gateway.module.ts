import { Module, type DynamicModule } from '@nestjs/common';
import type { GatewayConfiguration } from '@tessera/config';
import { edgeFeeds } from '@tessera/contracts';
import { OperationsModule } from '@tessera/http';
import { JobCommands, QueueMonitor } from '@tessera/jobs';
import { BacklogReader, Messaging, Producer } from '@tessera/messaging';
import { createObjectStorage } from '@tessera/object-storage';
import type { Logger, Metrics } from '@tessera/observability';
import {
  AttributePublication,
  AuditStore,
  ComputedAttributeStore,
  ConnectionStore,
  Database,
  DatasetStore,
  DeadLetterReplays,
  DeadLetterStore,
  IssuerKeyStore,
  JobStore,
  Ledger,
  MergePolicyStore,
  NamespaceStore,
  ProjectionStore,
  OperatorSessionStore,
  SampleReportStore,
  SandboxStore,
  SchemaStore,
} from '@tessera/stores';
import { AuthenticationModule } from './authentication/authentication.module.js';
import { BatchesModule } from './batches/batches.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { SandboxSchemas } from './catalog/schema-lookup.js';
import { CollectionModule, type CollectionParts } from './collection/collection.module.js';
import { ComputedAttributesModule } from './computed-attributes/computed-attributes.module.js';
import { CountersModule } from './counters/counters.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { EdgeModule } from './edge/edge.module.js';
import { ExpiryModule } from './expiry/expiry.module.js';
import { ExportJobsModule } from './export-jobs/export-jobs.module.js';
import { FlowServiceModule } from './flow-service/flow-service.module.js';
import { InletDirectory } from './flow-service/inlet-directory.js';
import { IdentityModule } from './identity/identity.module.js';
import { MergePoliciesModule } from './merge-policies/merge-policies.module.js';
import { NamespacesModule } from './namespaces/namespaces.module.js';
import { Connections } from './operations/connections.js';
import { OperatorsModule } from './operators/operators.module.js';
import { PolicyPreviewModule } from './policy-preview/policy-preview.module.js';
import { PreviewSampleModule } from './preview-sample/preview-sample.module.js';
import { ExplainModule } from './profile-access/explain.module.js';
import { ProfileAccessModule } from './profile-access/profile-access.module.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { SandboxDirectory } from './sandboxes/sandbox-directory.js';
import { SandboxesModule } from './sandboxes/sandboxes.module.js';
import { SchemaRegistryModule } from './schema-registry/schema-registry.module.js';
import { SystemJobsModule } from './system-jobs/system-jobs.module.js';

/** The gateway: its modules, one for each family of the API, and the connections they share. */
@Module({})
export class GatewayModule {
  static with(configuration: GatewayConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const timeout = configuration.DEPENDENCY_TIMEOUT_MS;
    const database = Database.create({
      uri: configuration.MONGODB_URI,
      name: configuration.MONGODB_DATABASE,
      timeout,
      metrics,
    });
    const messaging = new Messaging({
      brokers: configuration.KAFKA_BROKERS,
      topicPrefix: configuration.KAFKA_TOPIC_PREFIX,
      clientId: 'gateway',
      logger,
      timeout,
    });
    const producer = new Producer(messaging);
    const backlog = new BacklogReader(messaging);
    const storage = createObjectStorage(configuration);
    const jobs = new JobStore(database);
    const commands = new JobCommands(jobs, producer);
    const connections = new Connections({
      database,
      messaging,
      producer,
      backlog,
      storage,
      logger,
      partitions: configuration.KAFKA_PARTITIONS,
      replication: configuration.KAFKA_REPLICATION,
    });
    return {
      module: GatewayModule,
      imports: [
        OperationsModule.with({ metrics, checks: connections.checks, timeout }),
        ...configurationModules(configuration, database, commands),
        CollectionModule.with({
          producer,
          backlog,
          datasets: new DatasetStore(database),
          namespaces: new NamespaceStore(database),
          schemas: new SchemaStore(database),
          metrics,
          logger,
          tenantName: configuration.TENANT_NAME,
          limits: {
            maxRecordBytes: configuration.STREAMING_MAX_RECORD_BYTES,
            maxBatchRecords: configuration.STREAMING_MAX_BATCH_RECORDS,
            record: {
              maxDepth: configuration.RECORD_MAX_DEPTH,
              maxKeys: configuration.RECORD_MAX_KEYS,
              maxIdentities: configuration.RECORD_MAX_IDENTITIES,
            },
            maxInFlight: configuration.INGEST_MAX_IN_FLIGHT,
            maxBacklog: configuration.INGEST_MAX_BACKLOG,
          },
          quota: quotaOf(configuration),
          ...(configuration.INSTANCE_ID !== undefined && { instance: configuration.INSTANCE_ID }),
        }),
        ProfileAccessModule.with({
          database,
          tenantName: configuration.TENANT_NAME,
          maxIdentities: configuration.LOOKUP_MAX_IDENTITIES,
          maxRequestedIdentities: configuration.LOOKUP_MAX_REQUESTED_IDENTITIES,
        }),
        ExplainModule.with({ database, maxIdentities: configuration.LOOKUP_MAX_IDENTITIES }),
        PolicyPreviewModule.with({ database, maxIdentities: configuration.LOOKUP_MAX_IDENTITIES }),
        IdentityModule.with({ database, producer }),
        CountersModule.with(new Ledger(database), backlog),
        OperatorsModule.with({
          backlog,
          feeds: edgeFeeds(configuration.EDGE_DATA_CENTERS).map(({ group }) => group),
          jobs,
          audit: new AuditStore(database),
          monitor: monitorOf(configuration, logger),
          sessions: new OperatorSessionStore(database),
          metrics,
          secure: configuration.NODE_ENV === 'production',
          timeout,
        }),
        BatchesModule.with({
          database,
          storage,
          commands,
          maxPartBytes: configuration.BATCH_FILE_PART_MAX_BYTES,
          publicUrl: configuration.PUBLIC_URL,
        }),
        EdgeModule.with({ addresses: configuration.EDGE_URL, timeout }),
        ExportJobsModule.with({ database, commands, tenantName: configuration.TENANT_NAME }),
        PreviewSampleModule.with({ reports: new SampleReportStore(database), jobs, commands }),
        SystemJobsModule.with({ database, commands, maxIdentities: configuration.LOOKUP_MAX_IDENTITIES }),
        ComputedAttributesModule.with({
          attributes: new ComputedAttributeStore(database),
          publication: new AttributePublication(database),
          commands,
          tenantName: configuration.TENANT_NAME,
        }),
        ExpiryModule.with({ datasets: new DatasetStore(database), commands }),
        DeadLettersModule.with({
          deadLetters: new DeadLetterStore(database),
          replays: new DeadLetterReplays(database),
          datasets: new DatasetStore(database),
          producer,
          commands,
          maxRecordBytes: configuration.STREAMING_MAX_RECORD_BYTES,
        }),
      ],
      providers: [{ provide: Connections, useValue: connections }],
    };
  }
}

function monitorOf(configuration: GatewayConfiguration, logger: Logger): QueueMonitor {
  const { REDIS_URL: redisUrl, REDIS_PREFIX: redisPrefix, DEPENDENCY_TIMEOUT_MS: timeout } = configuration;
  return new QueueMonitor({ redisUrl, redisPrefix, logger, timeout });
}

function quotaOf(configuration: GatewayConfiguration): CollectionParts['quota'] {
  return {
    recordsPerSecond: configuration.QUOTA_RECORDS_PER_SECOND,
    byOrganisation: configuration.QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION,
    redisUrl: configuration.REDIS_URL,
    redisPrefix: configuration.REDIS_PREFIX,
  };
}

/** Who may call, and what the platform is told about data before it arrives. */
function configurationModules(
  configuration: GatewayConfiguration,
  database: Database,
  commands: JobCommands,
): DynamicModule[] {
  const sandboxStore = new SandboxStore(database);
  const connectionStore = new ConnectionStore(database);
  const datasets = new DatasetStore(database);
  const namespaces = new NamespaceStore(database);
  const schemas = new SchemaStore(database);
  const sandboxes = new SandboxDirectory(sandboxStore);
  const inlets = new InletDirectory(connectionStore, sandboxes);
  return [
    AuthenticationModule.with({ configuration, issuerKeys: new IssuerKeyStore(database), sandboxes, inlets }),
    SandboxesModule.with({ sandboxes: sandboxStore, directory: sandboxes, commands }),
    NamespacesModule.with({ namespaces }),
    SchemaRegistryModule.with({ schemas, datasets, namespaces }),
    CatalogModule.with({ datasets, schemas: new SandboxSchemas(schemas), commands }),
    FlowServiceModule.with({ connections: connectionStore, inlets, publicUrl: configuration.PUBLIC_URL }),
    MergePoliciesModule.with({ policies: new MergePolicyStore(database), datasets }),
    ProjectionsModule.with({
      projections: new ProjectionStore(database),
      dataCenters: configuration.EDGE_DATA_CENTERS.map(({ name }) => name),
    }),
  ];
}
