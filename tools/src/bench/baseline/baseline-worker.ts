import { createServer } from 'node:http';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { BaselineMessage, BaselineRecord, BaselineSettings } from './settings.js';

const COMMIT_INTERVAL_MS = 300;
const BULK = 1_000;

/**
 * The least a worker can do without losing records: whole batches, one unordered bulk replace each, journaled by a
 * majority, and commits of its own of what is written. No ages, no duplicates, no identities, no dead letters.
 */
export async function runBaselineWorker(settings: BaselineSettings): Promise<void> {
  const mongo = await MongoClient.connect(settings.mongodbUri, { writeConcern: { w: 'majority', journal: true } });
  const records = mongo.db(settings.database).collection<BaselineRecord>('records');
  const kafka = new Kafka({ clientId: 'baseline-worker', brokers: [...settings.brokers], logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({
    groupId: `${settings.topic}-worker`,
    heartbeatInterval: 1_000,
    maxWaitTimeInMs: 1_000,
    maxBytesPerPartition: 2_097_152,
    allowAutoTopicCreation: false,
  });
  const written = new Map<number, string>();
  let joined = false;
  consumer.on(consumer.events.GROUP_JOIN, () => (joined = true));
  await consumer.connect();
  await consumer.subscribe({ topic: settings.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async (payload) => {
      const { batch } = payload;
      for (let from = 0; from < batch.messages.length; from += BULK) {
        const messages = batch.messages.slice(from, from + BULK);
        await records.bulkWrite(
          newestOf(messages.map(({ key, value }) => [String(key), String(value)])).map(([id, text]) => ({
            replaceOne: { filter: { _id: id }, replacement: toRecord(id, text), upsert: true },
          })),
          { ordered: false },
        );
        const last = messages.at(-1)?.offset ?? '0';
        payload.resolveOffset(last);
        written.set(batch.partition, String(Number(last) + 1));
        await payload.heartbeat();
      }
    },
  });
  setInterval(() => {
    const offsets = [...written].map(([partition, offset]) => ({ topic: settings.topic, partition, offset }));
    written.clear();
    if (offsets.length > 0) consumer.commitOffsets(offsets).catch((error: unknown) => console.error(error));
  }, COMMIT_INTERVAL_MS);
  createServer((_request, response) => response.writeHead(joined ? 200 : 503).end()).listen(settings.port, '127.0.0.1');
  process.once('SIGTERM', () => process.exit(0));
}

/** The last message of each key: operations of an unordered bulk write must not touch one document twice. */
function newestOf(messages: readonly (readonly [string, string])[]): [string, string][] {
  return [...new Map(messages)];
}

function toRecord(id: string, text: string): BaselineRecord {
  const { body } = JSON.parse(text) as BaselineMessage;
  return { _id: id, entity: body.xdmEntity };
}
