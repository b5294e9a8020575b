import { Kafka, logLevel, type Admin, type logCreator } from 'kafkajs';
import { deadTopic, topics, type TopicName } from '@tessera/contracts';
import { letIdleConnectionsRest } from './request-queue.js';
import { untilSucceeds, type UntilSucceedsOptions } from './until-succeeds.js';

letIdleConnectionsRest();

/** What the library tells the service's logger; pino's methods fit. */
export interface MessagingLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface MessagingOptions {
  readonly brokers: readonly string[];
  /** Put before topic and group names, so that deployments can share a cluster. */
  readonly topicPrefix: string;
  readonly clientId: string;
  readonly logger: MessagingLogger;
  /** Milliseconds after which a broker that does not answer counts as down. */
  readonly timeout?: number;
}

/** One connection's settings to the brokers, and the full names of topics and groups on them. */
export class Messaging {
  readonly kafka: Kafka;

  constructor(readonly options: MessagingOptions) {
    const timeout = options.timeout ?? 2_000;
    this.kafka = new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: timeout,
      requestTimeout: 15_000,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 5 },
      logLevel: logLevel.WARN,
      logCreator: logsTo(options.logger),
    });
  }

  /** A topic's name on the brokers. */
  topic(name: TopicName | `${TopicName}.dead`): string {
    return this.options.topicPrefix + name;
  }

  /** A consumer group's name on the brokers. */
  group(name: string): string {
    return this.options.topicPrefix + name;
  }
}

/**
 * A record that nobody stamped is accepted when the broker takes it: its producer's clock must not decide its age, nor
 * whether its dataset was enabled then.
 */
const brokerTime = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];

/** Milliseconds in which the partitions of new topics have to be taken up by their brokers. */
const LED_WITHIN = 30_000;
/** Milliseconds the brokers have to create topics; shorter than a request may take. */
const CREATED_WITHIN = 10_000;
const LED_POLL = 50;
/** Milliseconds given to all topics that existed before. */
const LOOKED_AT_FOR = 5_000;

/**
 * Creates what is missing of the platform's topics and waits until they can be written. Safe to call from every service
 * at once.
 *
 * @throws Error when the brokers do not create the topics, or do not take up their partitions.
 */
export async function ensureTopics(messaging: Messaging, partitions: number, replication: number): Promise<void> {
  const admin = messaging.kafka.admin({ retry: { retries: 8 } });
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = Object.values(topics).flatMap((name) => [
      {
        topic: messaging.topic(name),
        numPartitions: partitions,
        replicationFactor: replication,
        ...(name === topics.record && { configEntries: brokerTime }),
      },
      { topic: messaging.topic(deadTopic(name)), numPartitions: 1, replicationFactor: replication },
    ]);
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      // The client's own wait for leaders fails where the broker that is asked has not heard of a topic yet.
      await admin.createTopics({ topics: missing, waitForLeaders: false, timeout: CREATED_WITHIN });
    }
    let reason: unknown;
    const soon = { signal: AbortSignal.timeout(LED_WITHIN), onFailure: (error: unknown) => (reason = error) };
    for (const { topic, numPartitions } of missing) {
      if (await isLed(admin, topic, numPartitions, soon)) continue;
      throw new Error(`the brokers did not take up the topic ${topic} within ${LED_WITHIN} ms`, { cause: reason });
    }
    // Another service may have created the others a moment ago. One whose broker is away must not stop a service, though.
    const briefly = { signal: AbortSignal.timeout(LOOKED_AT_FOR), onFailure: () => undefined };
    for (const { topic } of wanted) if (existing.has(topic)) await isLed(admin, topic, 1, briefly);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until each partition's broker answers for it. A partition has a leader in the metadata before that broker knows of
 * it; what is sent in between is refused, and a busy broker takes its time.
 *
 * @param partitions how many there have to be.
 * @returns whether they all answered before the wait was ended.
 */
function isLed(admin: Admin, topic: string, partitions: number, wait: UntilSucceedsOptions): Promise<boolean> {
  const answer = async (): Promise<void> => {
    const offsets = await admin.fetchTopicOffsets(topic);
    if (offsets.length < partitions) throw new Error(`${offsets.length} of ${partitions} partitions answer`);
  };
  return untilSucceeds(answer, { ...wait, interval: LED_POLL });
}

function logsTo(logger: MessagingLogger): logCreator {
  return () =>
    ({ namespace, level, log }: { namespace?: string; level: logLevel; log: object }) => {
      const {
        message,
        timestamp: _timestamp,
        logger: _logger,
        stack: _stack,
        ...fields
      } = log as Record<string, unknown>;
      const write = isAnswer(message)
        ? 'debug'
        : level <= logLevel.ERROR
          ? 'error'
          : level === logLevel.WARN
            ? 'warn'
            : 'debug';
      logger[write]({ component: `kafka.${(namespace ?? 'client').toLowerCase()}`, ...fields }, String(message));
    };
}

/** Whether a line tells of an answer with an error code. Whoever asked deals with it, and says so where it cannot. */
function isAnswer(message: unknown): boolean {
  return String(message).startsWith('Response ');
}
