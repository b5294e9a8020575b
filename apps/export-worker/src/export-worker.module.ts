import { Module, type DynamicModule } from '@nestjs/common';
import type { ExportWorkerConfiguration } from '@tessera/config';
import { ClosedAtShutdown, OperationsModule } from '@tessera/http';
import { jobSettings, JobWorker, workerConnections } from '@tessera/jobs';
import type { Logger, Metrics } from '@tessera/observability';
import { composeExports } from './compose-exports.js';

/** The export worker: its parts, and the connections they share. */
@Module({})
export class ExportWorkerModule {
  static with(configuration: ExportWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const connections = workerConnections('export-worker', configuration, { logger, metrics });
    const { database, messaging, producer } = connections;
    const { handler, cleaner, storage } = composeExports({ configuration, database, logger, metrics });
    const jobs = new JobWorker({
      queue: 'export',
      handlers: [handler],
      metrics,
      ...{ database, messaging, producer, logger },
      ...jobSettings(configuration),
      prepare: async () => {
        await Promise.all([connections.prepare(), storage.check()]);
        cleaner.start();
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (jobs.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
      'object-storage': () => storage.check(),
    };
    return {
      module: ExportWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: JobWorker, useValue: jobs },
        { provide: ClosedAtShutdown, useValue: new ClosedAtShutdown([jobs, cleaner, producer, database]) },
      ],
    };
  }
}
