import { MongoClient, type Document } from 'mongodb';
import { testServers } from '@tessera/testing';
import type { JsonObject } from '@tessera/contracts';
import { randomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const RECORDS = 1_000;
const PEOPLE = 12;

/** Real: every service as a process, Kafka, MongoDB. */
describe('the order in which records arrive', () => {
  let first: RunningPlatform;
  let second: RunningPlatform;

  beforeAll(async () => {
    first = await runPlatform();
    second = await runPlatform();
    // The first question gives a sandbox its default policy.
    expect((await profileText(first, 'nobody@example.com')).status).toBe(404);
    await copyConfiguration(first.database, second.database);
  }, 120_000);
  afterAll(() => Promise.all([first?.stop(), second?.stop()]), 60_000);

  it('changes no byte of any profile', async () => {
    const random = randomNumbers(20_261);
    const records = Array.from({ length: RECORDS }, (_, index) => first.person(randomRecord(random, index)));
    await first.stream(records, 10);
    await second.stream(random.shuffled(records), 37);
    await Promise.all([first.settled(RECORDS), second.settled(RECORDS)]);

    const emails = Array.from({ length: PEOPLE }, (_, index) => `person-${index}@example.com`);
    const merged = new Set<number>();
    for (const email of emails) {
      const [one, other] = [await profileText(first, email), await profileText(second, email)];
      expect(one.status).toBe(200);
      expect(other.text).toBe(one.text);
      merged.add(Object.keys(JSON.parse(one.text) as object).length);
    }
    expect([...merged]).toEqual([1]);
  }, 120_000);
});

/** Few people, known by mail, phone and customer number, linked at random; ages all differ and are in random order. */
function randomRecord(random: ReturnType<typeof randomNumbers>, index: number): JsonObject {
  const person = random.below(PEOPLE);
  const identityMap: JsonObject = { Email: [{ id: `person-${person}@example.com`, primary: true }] };
  if (random.below(3) === 0) identityMap['Phone'] = [{ id: `+49 ${person % 5}` }];
  const lastUpdatedDate = new Date(1_700_000_000_000 + ((index * 7_919) % 100_003) * 1_000).toISOString();
  return {
    identityMap,
    extSourceSystemAudit: { lastUpdatedDate },
    ...(random.below(2) === 0 && { person: { name: { firstName: `n${random.below(50)}` } } }),
    ...(random.below(2) === 0 && { loyalty: { points: random.below(1_000), tiers: [random.below(3)] } }),
    __seen: index,
  };
}

async function profileText({ platform, client }: RunningPlatform, email: string) {
  const query = new URLSearchParams({
    'schema.name': '_xdm.context.profile',
    entityId: email,
    entityIdNS: 'Email',
  });
  const answer = await fetch(`${platform.gatewayUrl}/data/core/ups/access/entities?${query.toString()}`, {
    headers: await client.authenticate(),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Two platforms with the same datasets and policies: only the order of arrival tells them apart. */
async function copyConfiguration(from: string, to: string): Promise<void> {
  const mongo = new MongoClient(testServers().mongodbUri);
  try {
    for (const name of ['datasets', 'merge_policies']) {
      const documents = await mongo.db(from).collection<Document>(name).find().toArray();
      await mongo.db(to).collection<Document>(name).deleteMany({});
      if (documents.length > 0) await mongo.db(to).collection<Document>(name).insertMany(documents);
    }
  } finally {
    await mongo.close();
  }
}
