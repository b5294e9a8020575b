import { Module, type DynamicModule } from '@nestjs/common';
import type { DeletionWorkerConfiguration } from '@tessera/config';
import { ClosedAtShutdown, OperationsModule } from '@tessera/http';
import { jobSettings, JobWorker, workerConnections } from '@tessera/jobs';
import type { Logger, Metrics } from '@tessera/observability';
import { adoptPromisedDeletions, TransactionSessions } from '@tessera/stores';
import { composeDeletions } from './compose-deletions.js';

/** The deletion worker: its parts, and the connections they share. */
@Module({})
export class DeletionWorkerModule {
  static with(configuration: DeletionWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const connections = workerConnections('deletion-worker', configuration, { logger, metrics });
    const { database, messaging, producer } = connections;
    const sessions = new TransactionSessions(database);
    const shared = { configuration, database, messaging, producer, logger, metrics };
    const deletions = composeDeletions({ ...shared, sessions });
    const jobs = new JobWorker({
      ...shared,
      queue: 'deletion',
      handlers: deletions.handlers,
      tasks: deletions.tasks,
      ...jobSettings(configuration),
      prepare: async () => {
        await Promise.all([connections.prepare(), deletions.storage.check()]);
        sessions.start();
        await deletions.connect();
        await adoptPromisedDeletions(database);
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (jobs.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
      'object-storage': () => deletions.storage.check(),
    };
    return {
      module: DeletionWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: JobWorker, useValue: jobs },
        { provide: ClosedAtShutdown, useValue: new ClosedAtShutdown([jobs, deletions, producer, sessions, database]) },
      ],
    };
  }
}
