import { deleteTestTopics, testServers, uniqueTopicPrefix } from '@tessera/testing';
import { topics } from '@tessera/contracts';
import { ensureTopics, Messaging } from './kafka.js';

const CALLERS = 6;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Real: the Kafka broker. */
describe('ensuring the topics', () => {
  const brokers = testServers().kafkaBrokers;
  const prefixes = Array.from({ length: CALLERS }, () => uniqueTopicPrefix());

  afterAll(() => Promise.all(prefixes.map((prefix) => deleteTestTopics(brokers, prefix))));

  it('leaves each topic ready to be written at once, for every one of many callers', async () => {
    // Two callers share each prefix, as two services that start together do.
    const callers = [...prefixes, ...prefixes].map((topicPrefix) => ({
      messaging: new Messaging({ brokers: brokers.split(','), topicPrefix, clientId: 'test', logger: silent }),
      refused: [] as string[],
    }));

    const refused = await Promise.all(callers.map(({ messaging }) => firstMessagesRefused(messaging)));

    expect(refused.flat()).toEqual([]);
  });
});

async function firstMessagesRefused(messaging: Messaging): Promise<string[]> {
  await ensureTopics(messaging, 2, 1);
  const producer = messaging.kafka.producer({ retry: { retries: 0 } });
  await producer.connect();
  try {
    const answers = await Promise.allSettled(
      Object.values(topics).map((name) =>
        producer.send({
          topic: messaging.topic(name),
          messages: [
            { value: '1', partition: 0 },
            { value: '2', partition: 1 },
          ],
        }),
      ),
    );
    return answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
  } finally {
    await producer.disconnect();
  }
}
