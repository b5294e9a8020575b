import { deleteTestTopics, eventually, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { topics } from '@tessera/contracts';
import { BacklogReader } from './backlog.js';
import { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
import type { IncomingMessage } from './incoming-message.js';
import { ensureTopics, Messaging } from './kafka.js';
import { Producer } from './producer.js';

const PARTITIONS = 3;
const GROUP = 'test-worker';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Real: the Kafka broker. */
describe('a batch consumer', () => {
  const topicPrefix = uniqueTopicPrefix();
  const brokers = testServers().kafkaBrokers;
  const messaging = new Messaging({ brokers: brokers.split(','), topicPrefix, clientId: 'test', logger: silent });
  const producer = new Producer(messaging);
  const backlog = new BacklogReader(messaging);
  const running = new Set<BatchConsumer>();
  let sent = 0;

  beforeAll(async () => {
    await ensureTopics(messaging, PARTITIONS, 1);
    await producer.connect();
  });

  afterAll(async () => {
    await Promise.all([...running].map((consumer) => consumer.stop()));
    await producer.close();
    await backlog.close();
    await deleteTestTopics(brokers, topicPrefix);
  });

  async function consume(handle: BatchConsumerOptions['handle'], more: Partial<BatchConsumerOptions> = {}) {
    const consumer = new BatchConsumer(messaging, {
      topic: topics.record,
      group: GROUP,
      handle,
      handlePoison: () => Promise.resolve(),
      maxRecords: 50,
      concurrency: 2,
      commitInterval: 50,
      ...more,
    });
    await consumer.start();
    running.add(consumer);
    return {
      consumer,
      stop: async () => {
        running.delete(consumer);
        await consumer.stop();
      },
    };
  }

  async function send(count: number): Promise<string[]> {
    const values = Array.from({ length: count }, () => `m${(sent += 1)}`);
    const messages = values.map((value) => ({ key: value, value, headers: { 'x-value': value } }));
    await Promise.all(messages.map((message) => producer.send(topics.record, [message])));
    return values;
  }

  const done = () => eventually(async () => expect((await backlog.read(topics.record, GROUP)).messages).toBe(0));

  it('is handed every message with its headers, in bounded batches, in the order of its partition', async () => {
    const values = await send(500);
    const seen: IncomingMessage[] = [];
    const sizes: number[] = [];
    const { stop } = await consume((messages) => {
      seen.push(...messages);
      sizes.push(messages.length);
      return Promise.resolve();
    });
    await done();
    await stop();
    // Delivery is at least once: a producer repeats a request of which one partition failed, a consumer what it had not committed.
    const firstTimes = firstOfEach(seen);
    expect(firstTimes.map(({ value }) => value.toString()).sort()).toEqual(values.sort());
    expect(seen.every((message) => message.header('x-value') === message.value.toString())).toBe(true);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    for (const ofPartition of Map.groupBy(firstTimes, ({ partition }) => partition).values()) {
      const offsets = ofPartition.map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
  });

  it('commits nothing that is not handled, so that its successor is handed it again', async () => {
    const values = await send(100);
    const first = await consume(() => Promise.reject(new Error('not now')), {
      handlePoison: () => new Promise(() => 0),
    });
    await eventually(async () => expect((await backlog.read(topics.record, GROUP)).messages).toBe(100));
    void first.stop();
    const seen = new Set<string>();
    const second = await consume((messages) => {
      for (const { value } of messages) seen.add(value.toString());
      return Promise.resolve();
    });
    await eventually(() => expect(seen.size).toBe(100), { timeout: 30_000 });
    expect([...seen].sort()).toEqual(values.sort());
    await done();
    await second.stop();
  });

  it('loses nothing while instances join and leave', async () => {
    const seen = new Map<string, number>();
    const handle: BatchConsumerOptions['handle'] = (messages) => {
      for (const { value } of messages) seen.set(value.toString(), (seen.get(value.toString()) ?? 0) + 1);
      return Promise.resolve();
    };
    const values: string[] = [];
    const first = await consume(handle);
    values.push(...(await send(300)));
    const second = await consume(handle);
    values.push(...(await send(300)));
    const third = await consume(handle);
    values.push(...(await send(300)));
    await eventually(() => expect([first, second, third].every(({ consumer }) => consumer.ready)).toBe(true), {
      timeout: 30_000,
    });
    await first.stop();
    values.push(...(await send(300)));
    await eventually(() => expect(seen.size).toBe(1_200), { timeout: 30_000 });
    expect([...seen.keys()].sort()).toEqual(values.sort());
    await Promise.all([second.stop(), third.stop()]);
  });

  it('sees records of other producers with the time at which the broker took them', async () => {
    const seen: IncomingMessage[] = [];
    const { stop } = await consume((messages) => Promise.resolve(void seen.push(...messages)), { group: 'times' });
    const before = Date.now();
    const other = messaging.kafka.producer();
    await other.connect();
    const [past, future] = [1_000, Date.now() + 86_400_000].map(String);
    const messages = [past, future].map((timestamp = '') => ({ key: 'times', value: `at ${timestamp}`, timestamp }));
    await other.send({ topic: messaging.topic(topics.record), messages });
    await other.disconnect();
    const timed = await eventually(() => {
      const found = firstOfEach(seen).filter(({ key }) => key === 'times');
      expect(found).toHaveLength(2);
      return found;
    });
    for (const { timestamp } of timed) {
      expect(timestamp).toBeGreaterThan(before - 60_000);
      expect(timestamp).toBeLessThan(before + 60_000);
    }
    await stop();
  });
});

/** Messages without their repetitions, in the order of their first delivery; every message of this test has a value of its own. */
function firstOfEach(messages: readonly IncomingMessage[]): IncomingMessage[] {
  const firsts = new Map<string, IncomingMessage>();
  for (const message of messages) {
    const value = message.value.toString();
    if (!firsts.has(value)) firsts.set(value, message);
  }
  return [...firsts.values()];
}
