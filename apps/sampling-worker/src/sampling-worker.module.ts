import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { SamplingWorkerConfiguration } from '@tessera/config';
import { OperationsModule } from '@tessera/http';
import { JobCommands, JobWorker } from '@tessera/jobs';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes, JobStore } from '@tessera/stores';
import { SampleHandler } from './samples/sample.handler.js';
import { SampleTriggers } from './triggers/sample-triggers.js';

/** The sampling worker: its parts, and the connections they share. */
@Module({})
export class SamplingWorkerModule {
  static with(configuration: SamplingWorkerConfiguration, logger: Logger, metrics: Metrics): DynamicModule {
    const database = Database.create({
      uri: configuration.MONGODB_URI,
      name: configuration.MONGODB_DATABASE,
      metrics,
    });
    const messaging = new Messaging({
      brokers: configuration.KAFKA_BROKERS,
      topicPrefix: configuration.KAFKA_TOPIC_PREFIX,
      clientId: 'sampling-worker',
      logger,
    });
    const producer = new Producer(messaging);
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
        { provide: Connections, useValue: new Connections([jobs, producer, database]) },
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
