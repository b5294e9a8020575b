import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { Database, ensureIndexes } from '@tessera/stores';

/** What the environment of a worker says about its servers. */
export interface WorkerEnvironment {
  readonly MONGODB_URI: string;
  readonly MONGODB_DATABASE: string;
  readonly KAFKA_BROKERS: string[];
  readonly KAFKA_TOPIC_PREFIX: string;
  readonly KAFKA_PARTITIONS: number;
  readonly KAFKA_REPLICATION: number;
}

/** What every worker is connected to. */
export interface WorkerConnections {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  /**
   * Makes sure that topics and indexes are there, and connects: once, for however many ask. May be repeated.
   *
   * @throws Error while a server is down.
   */
  prepare(): Promise<void>;
}

/** Connections of one worker; none is opened yet. */
export function workerConnections(
  name: string,
  environment: WorkerEnvironment,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): WorkerConnections {
  const { MONGODB_URI, MONGODB_DATABASE, KAFKA_BROKERS, KAFKA_TOPIC_PREFIX } = environment;
  const database = Database.create({ uri: MONGODB_URI, name: MONGODB_DATABASE, metrics });
  const messaging = new Messaging({
    brokers: KAFKA_BROKERS,
    topicPrefix: KAFKA_TOPIC_PREFIX,
    clientId: name,
    logger,
  });
  const producer = new Producer(messaging);
  const prepare = async () => {
    await ensureTopics(messaging, environment.KAFKA_PARTITIONS, environment.KAFKA_REPLICATION);
    await ensureIndexes(database);
    await producer.connect();
  };
  let prepared: Promise<void> | undefined;
  return {
    database,
    messaging,
    producer,
    prepare: () => {
      prepared ??= prepare().catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      return prepared;
    },
  };
}
