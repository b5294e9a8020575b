import { Module, type DynamicModule } from '@nestjs/common';
import type { SamplingWorkerConfiguration } from '@tessera/config';
import { ClosedAtShutdown, OperationsModule } from '@tessera/http';
import { JobCommands, jobSettings, JobWorker, workerConnections } from '@tessera/jobs';
import type { Logger, Metrics } from '@tessera/observability';
import { JobStore } from '@tessera/stores';
import { SampleHandler } from './samples/sample.handler.js';
import { SampleTriggers } from './triggers/sample-triggers.js';

/** The sampling worker: its parts, and the connections they share. */
@Module({})
export class SamplingWorkerModule {
  static with(configuration: SamplingWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const connections = workerConnections('sampling-worker', configuration, { logger, metrics });
    const { database, messaging, producer } = connections;
    const triggers = new SampleTriggers({
      database,
      commands: new JobCommands(new JobStore(database), producer),
      logger,
      streamingInterval: configuration.SAMPLE_STREAMING_INTERVAL_MS,
      batchInterval: configuration.SAMPLE_BATCH_INTERVAL_MS,
    });
    const jobs = new JobWorker({
      queue: 'sampling',
      handlers: [
        new SampleHandler({
          database,
          ratio: configuration.SAMPLING_RATIO,
          rangeSize: configuration.SAMPLE_RANGE_IDENTITIES,
        }),
      ],
      tasks: triggers.tasks(),
      database,
      messaging,
      producer,
      logger,
      metrics,
      ...jobSettings(configuration),
      prepare: async () => {
        await connections.prepare();
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (jobs.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
    };
    return {
      module: SamplingWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: JobWorker, useValue: jobs },
        { provide: ClosedAtShutdown, useValue: new ClosedAtShutdown([jobs, producer, database]) },
      ],
    };
  }
}
