import { fastify } from 'fastify';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type {
  BaselineFragment,
  BaselineIdentity,
  BaselineMessage,
  BaselineRecord,
  BaselineSettings,
} from './settings.js';

/**
 * The least an HTTP door can do: records go to Kafka with `acks=all`, a lookup is two queries and a shallow merge. No
 * authentication, no validation, no limits.
 */
export async function runBaselineGateway(settings: BaselineSettings): Promise<void> {
  const kafka = new Kafka({ clientId: 'baseline-gateway', brokers: [...settings.brokers], logLevel: logLevel.ERROR });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const mongo = await MongoClient.connect(settings.mongodbUri, { maxPoolSize: 32 });
  const database = mongo.db(settings.database);
  const records = database.collection<BaselineRecord>('records');
  const identities = database.collection<BaselineIdentity>('identities');
  const fragments = database.collection<BaselineFragment>('fragments');

  const publish = (messages: readonly BaselineMessage[]) =>
    producer.send({
      topic: settings.topic,
      acks: -1,
      messages: messages.map((message) => ({ key: idOf(message), value: JSON.stringify(message) })),
    });

  const server = fastify({ bodyLimit: 10_485_760 });
  server.get('/ready', () => ({}));
  server.post('/records', async ({ body }) => {
    await publish([body as BaselineMessage]);
    return {};
  });
  server.post('/records/batch', async ({ body }, reply) => {
    await publish((body as { messages: BaselineMessage[] }).messages);
    return reply.code(207).send({});
  });
  server.get('/records', async ({ query }) => {
    const { id } = query as { id: string };
    const record = await records.findOne({ _id: id });
    return { [id]: { entity: record?.entity ?? {} } };
  });
  server.get('/profiles', async ({ query }) => {
    const { id } = query as { id: string };
    const identity = await identities.findOne({ _id: id });
    const found = await fragments.find({ identity: { $in: [...(identity?.members ?? [])] } }).toArray();
    const entity = found.reduce<object>((merged, fragment) => Object.assign(merged, fragment.entity), {});
    return { [id]: { entity } };
  });
  await server.listen({ port: settings.port, host: '127.0.0.1' });
  process.once('SIGTERM', () => process.exit(0));
}

function idOf(message: BaselineMessage): string {
  return Object.values(message.body.xdmEntity.identityMap)[0]?.[0]?.id ?? '';
}
