import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { DeletionWorkerConfiguration } from '@tessera/config';
import { OperationsModule } from '@tessera/http';
import { JobWorker } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { adoptPromisedDeletions, Database, ensureIndexes, TransactionSessions } from '@tessera/stores';
import { composeDeletions } from './compose-deletions.js';

/** The deletion worker: its parts, and the connections they share. */
@Module({})
export class DeletionWorkerModule {
  static with(configuration: DeletionWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const database = Database.create({
      uri: configuration.MONGODB_URI,
      name: configuration.MONGODB_DATABASE,
      metrics,
    });
    const messaging = new Messaging({
      brokers: configuration.KAFKA_BROKERS,
      topicPrefix: configuration.KAFKA_TOPIC_PREFIX,
      clientId: 'deletion-worker',
      logger,
    });
    const producer = new Producer(messaging);
    const sessions = new TransactionSessions(database);
    const shared = { configuration, database, messaging, producer, logger, metrics };
    const deletions = composeDeletions({ ...shared, sessions });
    const jobs = new JobWorker({
      ...shared,
      queue: 'deletion',
      handlers: deletions.handlers,
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
        sessions.start();
        await deletions.connect();
        await adoptPromisedDeletions(database);
      },
    });
    const checks = {
      mongodb: () => database.ping(),
      kafka: () => (jobs.ready ? Promise.resolve() : Promise.reject(new Error('no partitions assigned yet'))),
    };
    return {
      module: DeletionWorkerModule,
      imports: [OperationsModule.with({ metrics, checks })],
      providers: [
        { provide: JobWorker, useValue: jobs },
        { provide: Connections, useValue: new Connections([jobs, deletions, producer, sessions, database]) },
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
