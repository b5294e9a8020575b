import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { ExportWorkerConfiguration } from '@tessera/config';
import { OperationsModule } from '@tessera/http';
import { JobWorker } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes } from '@tessera/stores';
import { composeExports } from './compose-exports.js';

/** The export worker: its parts, and the connections they share. */
@Module({})
export class ExportWorkerModule {
  static with(configuration: ExportWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const database = Database.create({ uri: configuration.MONGODB_URI, name: configuration.MONGODB_DATABASE });
    const messaging = new Messaging({
      brokers: configuration.KAFKA_BROKERS,
      topicPrefix: configuration.KAFKA_TOPIC_PREFIX,
      clientId: 'export-worker',
      logger,
    });
    const producer = new Producer(messaging);
    const { handler, cleaner } = composeExports({ configuration, database, logger, metrics });
    const jobs = new JobWorker({
      queue: 'export',
      handlers: [handler],
      metrics,
      ...{ database, messaging, producer, logger },
      redisUrl: configuration.REDIS_URL,
      redisPrefix: configuration.REDIS_PREFIX,
      concurrency: configuration.JOB_CONCURRENCY,
      partConcurrency: configuration.JOB_PART_CONCURRENCY,
      lockDuration: configuration.JOB_LOCK_MS,
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare: async () => {
        await ensureTopics(messaging, configuration.KAFKA_PARTITIONS, configuration.KAFKA_REPLICATION);
        await ensureIndexes(database);
        await producer.connect();
        cleaner.start();
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (jobs.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
    };
    return {
      module: ExportWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: JobWorker, useValue: jobs },
        { provide: Connections, useValue: new Connections([jobs, cleaner, producer, database]) },
      ],
    };
  }
}

/** Closed once the jobs have stopped, which still write what they have in hand. */
class Connections implements OnApplicationShutdown {
  constructor(private readonly connections: readonly { close(): Promise<void> }[]) {}

  async onApplicationShutdown(): Promise<void> {
    for (const connection of this.connections) await connection.close();
  }
}
