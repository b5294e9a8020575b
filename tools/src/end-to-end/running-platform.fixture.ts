import {
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  startPlatform,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
  type Platform,
  type PlatformOptions,
  type ServerAddresses,
} from '@tessera/testing';
import type { JsonObject } from '@tessera/contracts';
import type { DataSetReference, RecordMessage } from '../client/record-message.js';
import { builtInSchemas, recordMessage } from '../client/record-message.js';
import { TesseraClient } from '../client/tessera-client.js';

/** The built services on a database and topics of their own, with a client, an inlet and two datasets. */
export interface RunningPlatform {
  readonly platform: Platform;
  readonly client: TesseraClient;
  readonly database: string;
  readonly topicPrefix: string;
  readonly inletId: string;
  readonly people: DataSetReference;
  readonly purchases: DataSetReference;
  person(entity: JsonObject): RecordMessage;
  purchase(entity: JsonObject): RecordMessage;
  /** Streams messages in bodies of `size`, several at a time; each must be taken. */
  stream(messages: readonly RecordMessage[], size?: number): Promise<void>;
  /** Resolves when every accepted record is counted and all evidence is worked in. */
  settled(records: number): Promise<void>;
  stop(): Promise<void>;
}

interface Wanted extends Pick<PlatformOptions, 'services' | 'environment' | 'partitions'> {
  /** Servers that the services reach on another way than the tests do. */
  readonly servers?: Partial<ServerAddresses>;
}

/** Starts the platform as `npm start` does, ready to stream into. */
export async function runPlatform(wanted: Wanted = {}): Promise<RunningPlatform> {
  const servers = testServers();
  const database = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const platform = await startPlatform({
    database,
    topicPrefix,
    partitions: 4,
    ...wanted,
    servers: { ...servers, ...wanted.servers },
  });
  const client = new TesseraClient({ url: platform.gatewayUrl });
  const stop = async () => {
    await client.close();
    await platform.stop();
    await Promise.all([
      dropTestDatabase(servers.mongodbUri, database),
      deleteTestTopics(servers.kafkaBrokers, topicPrefix),
    ]);
  };
  try {
    const people = await client.createDataSet('people', builtInSchemas.profile);
    const purchases = await client.createDataSet('purchases', builtInSchemas.event);
    const inletId = await client.createInlet('end to end');
    const { organisation } = client;
    return {
      platform,
      client,
      database,
      topicPrefix,
      inletId,
      people,
      purchases,
      person: (entity) => recordMessage(people, organisation, entity),
      purchase: (entity) => recordMessage(purchases, organisation, entity),
      stream: (messages, size = 50) => streamAll(client, inletId, messages, size),
      settled: (records) => settled(client, records),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function streamAll(
  client: TesseraClient,
  inletId: string,
  messages: readonly RecordMessage[],
  size: number,
): Promise<void> {
  const bodies = Array.from({ length: Math.ceil(messages.length / size) }, (_, index) =>
    messages.slice(index * size, (index + 1) * size),
  );
  const lane = async () => {
    for (let body = bodies.shift(); body; body = bodies.shift()) {
      const { responses } = await client.streamBatch(inletId, body);
      const refused = responses.find(({ xactionId }) => xactionId === undefined);
      if (refused) throw new Error(`A message was refused: ${refused.message}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

async function settled(client: TesseraClient, records: number): Promise<void> {
  await eventually(
    async () => {
      const { datasets, backlog } = await client.counters();
      const counted = datasets.reduce(
        (sum, { applied, duplicate, deadLettered, replayed }) => sum + applied + duplicate + deadLettered - replayed,
        0,
      );
      expect({ counted, backlog: Object.values(backlog) }).toEqual({ counted: records, backlog: [0, 0] });
    },
    { timeout: 120_000 },
  );
}
