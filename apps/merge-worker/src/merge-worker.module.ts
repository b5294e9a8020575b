import { Module, type DynamicModule } from '@nestjs/common';
import type { MergeWorkerConfiguration } from '@tessera/config';
import { ClosedAtShutdown, OperationsModule } from '@tessera/http';
import { JobWorker, workerConnections } from '@tessera/jobs';
import { BacklogReader, ChangePublisher } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import {
  DeletionFences,
  GraphAnnouncements,
  IdentityGraphMaintenance,
  IdentitySettingsRepository,
  MongoIdentityGraphWriter,
  NamespaceStore,
  RememberedNamespaceTypes,
  TransactionSessions,
} from '@tessera/stores';
import { composeComputedAttributes } from './computed-attributes/compose-computed-attributes.js';
import { OverdueFigures } from './computed-attributes/overdue-figures.js';
import { RollingWindows } from './computed-attributes/rolling-windows.js';
import { StoredEventsConsumer } from './computed-attributes/stored-events.consumer.js';
import { EvidenceWithdrawalConsumer } from './evidence-withdrawal.consumer.js';
import { EvidenceWithdrawalHandler } from './evidence-withdrawal.handler.js';
import { composeProjections, EdgeFeeding } from './compose-projections.js';
import { GraphMetrics } from './graph-metrics.js';
import { IdentityEvidenceConsumer } from './identity-evidence.consumer.js';
import { IdentityEvidenceHandler } from './identity-evidence.handler.js';
import { IdentitySettingsConsumer } from './identity-settings.consumer.js';
import { IdentitySettingsHandler } from './identity-settings.handler.js';
import { OverdueAnnouncer } from './overdue-announcer.js';
import { OverdueSettings } from './overdue-settings.js';

/** The merge worker: its parts, and the connections they share. */
@Module({})
export class MergeWorkerModule {
  static with(configuration: MergeWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const connections = workerConnections('merge-worker', configuration, { logger, metrics });
    const { database, messaging, producer } = connections;
    const publisher = new ChangePublisher(producer);
    const announcements = new GraphAnnouncements(database);
    const graphMetrics = new GraphMetrics(metrics);
    const sessions = new TransactionSessions(database);
    const graphOptions = {
      namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)),
      sessions,
      limits: { identities: configuration.GRAPH_MAX_IDENTITIES, links: configuration.GRAPH_MAX_LINKS },
    };
    const graph = new MongoIdentityGraphWriter(database, graphOptions);
    const handler = new IdentityEvidenceHandler({
      graph,
      fences: new DeletionFences(database),
      announcements,
      publisher,
      producer,
      metrics: graphMetrics,
      logger,
    });
    const prepare = async () => {
      await connections.prepare();
      sessions.start();
    };
    const settings = new IdentitySettingsRepository(database);
    const settingsHandler = new IdentitySettingsHandler({
      settings,
      maintenance: new IdentityGraphMaintenance(database, graphOptions),
      announcements,
      publisher,
      producer,
      metrics: graphMetrics,
      logger,
    });
    const settingsConsumer = new IdentitySettingsConsumer(messaging, settingsHandler, {
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare,
    });
    const backlog = new BacklogReader(messaging);
    const withdrawalHandler = new EvidenceWithdrawalHandler({
      maintenance: new IdentityGraphMaintenance(database, graphOptions),
      announcements,
      publisher,
      producer,
      backlog,
      metrics: graphMetrics,
      logger,
    });
    const withdrawalConsumer = new EvidenceWithdrawalConsumer(messaging, withdrawalHandler, {
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare,
    });
    const consumer = new IdentityEvidenceConsumer(messaging, handler, graphMetrics, {
      maxRecords: configuration.BATCH_MAX_RECORDS,
      concurrency: configuration.CONCURRENT_BATCHES,
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare,
    });
    const projections = composeProjections({ configuration, database, messaging, producer, metrics, logger, prepare });
    const shared = { configuration, database, messaging, producer, publisher, prepare, logger, metrics };
    const computed = composeComputedAttributes(shared);
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (consumer.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
    };
    return {
      module: MergeWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: IdentityEvidenceConsumer, useValue: consumer },
        { provide: IdentitySettingsConsumer, useValue: settingsConsumer },
        { provide: EvidenceWithdrawalConsumer, useValue: withdrawalConsumer },
        { provide: EdgeFeeding, useValue: projections },
        { provide: OverdueSettings, useValue: new OverdueSettings(settings, producer, logger) },
        { provide: OverdueAnnouncer, useValue: new OverdueAnnouncer(announcements, publisher, logger) },
        { provide: StoredEventsConsumer, useValue: computed.consumer },
        { provide: JobWorker, useValue: computed.jobs },
        { provide: OverdueFigures, useValue: computed.overdue },
        { provide: RollingWindows, useValue: computed.windows },
        {
          provide: ClosedAtShutdown,
          useValue: new ClosedAtShutdown([computed.jobs, producer, backlog, sessions, database]),
        },
      ],
    };
  }
}
