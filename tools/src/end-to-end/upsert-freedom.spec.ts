import type { JsonObject, JsonValue } from '@tessera/contracts';
import { builtInSchemas, recordMessage, schemaReference, type DataSetReference } from '../client/record-message.js';
import { randomNumbers, type RandomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';
import { modelProfile, profileLeaves, type ModelRecord } from './upsert-model.fixture.js';

const PEOPLE = 12;
const RECORDS_PER_PERSON = 20;

/** Real: every service as a process, two ingestion workers, Kafka, MongoDB. */
describe('records that replace, change and delete one another', () => {
  let running: RunningPlatform;
  let datasets: readonly [DataSetReference, DataSetReference];

  beforeAll(async () => {
    running = await runPlatform({ services: { gateway: 2, 'ingestion-worker': 2, 'merge-worker': 1 } });
    datasets = [running.people, await upsertDataSet(running)];
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  it('give what replaying them in order of age gives, whatever their order and repeats', async () => {
    const random = randomNumbers(5_2026);
    const records = Array.from({ length: PEOPLE * RECORDS_PER_PERSON }, (_, index) => randomRecord(random, index));
    const repeated = records.filter(() => random.below(3) === 0);
    const sent = random.shuffled([...records, ...repeated]);
    await running.stream(sent.slice(0, 100).map(toMessage), 7);
    await running.stream(sent.slice(100).map(toMessage), 31);
    await running.settled(sent.length);

    let leaves = 0;
    for (let person = 0; person < PEOPLE; person += 1) {
      const id = personOf(person);
      const profile = await running.client.profile({ namespace: 'Email', id });
      const { identityMap: _map, identities: _identities, ...entity } = profile?.entity ?? {};
      const expected = modelProfile(records, id);
      expect(profileLeaves(entity)).toEqual(expected);
      leaves += expected.length;
    }
    expect(leaves).toBeGreaterThan(PEOPLE);
    expect(running.platform.unexpectedExits).toEqual([]);
  }, 120_000);

  function toMessage({ dataset, person, operation, fields, age }: ModelRecord) {
    const asked = dataset === 1 && operation === 'merge' && age % 2_000 === 0 ? undefined : operation;
    const entity = { identityMap: { Email: [{ id: person, primary: true }] }, ...fields };
    return recordMessage(datasets[dataset] as DataSetReference, running.client.organisation, entity, asked);
  }
});

function personOf(index: number): string {
  return `person-${index}@example.com`;
}

/** Records of two datasets. In the second, one of upserts, a record that asks for nothing else changes single fields. */
function randomRecord(random: RandomNumbers, index: number): ModelRecord {
  const dataset = random.below(2);
  const age = 1_700_000_000_000 + ((index * 7_919) % 100_003) * 1_000;
  const chance = random.below(10);
  const operation = chance === 0 ? 'delete' : chance < 4 && dataset === 0 ? 'create' : 'merge';
  const value = (): JsonValue => {
    const kinds: JsonValue[] = [index, `text ${index}`, [index, { at: index }]];
    if (operation === 'merge') kinds.push(null, null, '', []);
    return kinds[random.below(kinds.length)] as JsonValue;
  };
  const maybe = (name: string, make: () => JsonValue): JsonObject => (random.below(3) === 0 ? { [name]: make() } : {});
  const fields: JsonObject = {
    ...maybe('city', value),
    ...maybe('person', () => ({ ...maybe('name', () => ({ first: value() })), last: value() })),
    ...maybe('loyalty', () => (random.below(4) === 0 ? value() : { points: value(), tier: { now: value() } })),
    extSourceSystemAudit: { lastUpdatedDate: new Date(age).toISOString() },
  };
  return { dataset, person: personOf(random.below(PEOPLE)), age, operation, fields };
}

async function upsertDataSet({ client }: RunningPlatform): Promise<DataSetReference> {
  const body = {
    name: 'changes',
    schemaRef: schemaReference(builtInSchemas.profile),
    tags: { unifiedProfile: ['enabled:true', 'isUpsert:true'], unifiedIdentity: ['enabled:true'] },
  };
  const path = '/data/foundation/catalog/dataSets';
  const [reference = ''] = await client.expect<string[]>({ method: 'POST', path, body: JSON.stringify(body) }, 201);
  return { id: reference.replace('@/dataSets/', ''), schemaId: builtInSchemas.profile };
}
