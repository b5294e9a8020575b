import { Module, type DynamicModule } from '@nestjs/common';
import type { IngestionWorkerConfiguration } from '@tessera/config';
import { topics } from '@tessera/contracts';
import { computedRoot } from '@tessera/domain';
import { ClosedAtShutdown, OperationsModule } from '@tessera/http';
import { jobSettings, JobWorker, workerConnections } from '@tessera/jobs';
import { ChangePublisher } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import {
  ComputedAttributeStore,
  CountedTenants,
  DatasetStore,
  DeadLetterReplays,
  DeadLetterStore,
  DeletedHolders,
  DeletionFences,
  EventExpiryWriter,
  EventWriter,
  FiguresMarks,
  FragmentRemover,
  FragmentWriter,
  HiddenBatches,
  IdentitySettingsRepository,
  Ledger,
  NamespaceStore,
  SandboxStore,
  SchemaCatalogue,
  SchemaStore,
  TouchedIdentities,
  TransactionSessions,
} from '@tessera/stores';
import { composeBatches } from './batches/compose-batches.js';
import { ReplayDeadLettersHandler } from './dead-letter-replay/replay-dead-letters.handler.js';
import { BackfillTtlHandler } from './expiry/backfill-ttl.handler.js';
import { IngestionMetrics } from './ingestion-metrics.js';
import { NamespaceCatalogue } from './records/namespaces.js';
import { RecordConsumer } from './records/record.consumer.js';
import { RecordHandler } from './records/record.handler.js';
import { RecordReader } from './records/record-reader.js';
import { RejectedTenants } from './records/rejected-tenants.js';
import { EvidencePublisher } from './records/evidence-publisher.js';
import { RecordWriter } from './records/record-writer.js';

/** The ingestion worker: its parts, and the connections they share. */
@Module({})
export class IngestionWorkerModule {
  static with(configuration: IngestionWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const connections = workerConnections('ingestion-worker', configuration, { logger, metrics });
    const { database, messaging, producer } = connections;
    const ingestionMetrics = new IngestionMetrics(metrics);
    const sessions = new TransactionSessions(database);
    const fences = new DeletionFences(database);
    const reader = new RecordReader({
      datasets: new DatasetStore(database),
      namespaces: new NamespaceCatalogue(new NamespaceStore(database)),
      schemas: new SchemaCatalogue(new SchemaStore(database)),
      fences,
      limits: {
        maxDepth: configuration.RECORD_MAX_DEPTH,
        maxKeys: configuration.RECORD_MAX_KEYS,
        maxIdentities: configuration.RECORD_MAX_IDENTITIES,
      },
      computedRoot: computedRoot(configuration.TENANT_NAME),
    });
    const writer = new RecordWriter({
      fragments: new FragmentWriter(database, sessions),
      events: new EventWriter(database, sessions),
      fences,
      deletedHolders: new DeletedHolders({
        fences,
        hidden: new HiddenBatches(database),
        touched: new TouchedIdentities(database),
      }),
      fragmentRemover: new FragmentRemover(database),
      counted: new CountedTenants(new ComputedAttributeStore(database)),
      marks: new FiguresMarks(database),
      evidence: new EvidencePublisher({
        producer,
        changes: new ChangePublisher(producer),
        settings: new IdentitySettingsRepository(database),
      }),
      producer,
      metrics: ingestionMetrics,
    });
    const ledger = new Ledger(database);
    const handler = new RecordHandler({
      reader,
      tenants: new RejectedTenants(new SandboxStore(database)),
      writer,
      deadLetters: new DeadLetterStore(database),
      producer,
      replays: new DeadLetterReplays(database),
      ledger,
      metrics: ingestionMetrics,
      topic: messaging.topic(topics.record),
      maxBytes: configuration.RECORD_MAX_BYTES,
      deadLetterRetentionDays: configuration.DEAD_LETTER_RETENTION_DAYS,
    });
    const prepare = async () => {
      await connections.prepare();
      sessions.start();
    };
    const consumer = new RecordConsumer(messaging, handler, ingestionMetrics, {
      maxRecords: configuration.BATCH_MAX_RECORDS,
      concurrency: configuration.CONCURRENT_BATCHES,
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare,
    });
    const shared = { configuration, database, messaging, producer };
    const batches = composeBatches({ ...shared, reader, writer, ledger, metrics: ingestionMetrics });
    const handlers = [
      ...batches.handlers,
      new ReplayDeadLettersHandler({ replays: new DeadLetterReplays(database), producer }),
      new BackfillTtlHandler({
        datasets: new DatasetStore(database),
        events: new EventExpiryWriter(database),
        marks: new FiguresMarks(database),
      }),
    ];
    const jobs = new JobWorker({
      queue: 'ingestion',
      handlers,
      database,
      messaging,
      producer,
      logger,
      metrics,
      ...jobSettings(configuration),
      shortPartPlaces: 1,
      // Records do not wait for files.
      prepare: async () => {
        await Promise.all([prepare(), batches.storage.check()]);
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (consumer.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
      'object-storage': () => batches.storage.check(),
    };
    return {
      module: IngestionWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: RecordConsumer, useValue: consumer },
        { provide: JobWorker, useValue: jobs },
        { provide: ClosedAtShutdown, useValue: new ClosedAtShutdown([jobs, batches, producer, sessions, database]) },
      ],
    };
  }
}
