import { xidOf } from '@tessera/domain';
import type { Identity, JsonObject, JsonValue } from '@tessera/contracts';
import { referenceLookup, type ReferencePolicy, type ReferenceRecord } from '@tessera/testing';
import type { TesseraClient } from '../client/tessera-client.js';
import { builtInSchemas, recordMessage, schemaNames, type DataSetReference } from '../client/record-message.js';
import { randomNumbers, type RandomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const IDENTITIES = 24;
const ENTITIES = '/data/core/ups/access/entities';
const namespaces = ['email', 'phone', 'crm'];

/** What was said in one world: the people of one seed, whom no other seed knows. */
interface World {
  readonly identities: readonly Identity[];
  /** In the order of acceptance. */
  readonly records: readonly ReferenceRecord[];
}

/** Real: every service as processes, two of each worker, Kafka, MongoDB. */
describe('lookups of what went in by HTTP and through the workers', () => {
  let running: RunningPlatform;
  let policies: readonly { readonly id: string; readonly policy: ReferencePolicy }[];
  const worlds = new Map<number, World>();

  beforeAll(async () => {
    running = await runPlatform({ services: { gateway: 1, 'ingestion-worker': 2, 'merge-worker': 2 } });
    const { client } = running;
    await client.createNamespace('crm', 'CRM', 'CROSS_DEVICE');
    const datasets = new Map<string, DataSetReference>();
    for (const name of ['a', 'b', 'c']) {
      const dataset = await client.createDataSet(name, builtInSchemas.profile);
      datasets.set(dataset.id, dataset);
    }
    const [a = '', b = '', c = ''] = datasets.keys();
    policies = await Promise.all(
      [
        { graph: 'pdg' } as const,
        { graph: 'none' } as const,
        { graph: 'pdg', order: [c, a] } as const,
        { graph: 'none', order: [b, a, c] } as const,
      ].map(async (policy) => ({ id: await createPolicy(client, policy), policy })),
    );
    for (const seed of SEEDS) worlds.set(seed, worldOf(seed, [...datasets.keys()], client));
    // A body keeps the order of acceptance; the worlds arrive all at once.
    await Promise.all(
      [...worlds.values()].map(({ records }) =>
        running.stream(
          records.map((record) => messageOf(record, datasets, client)),
          records.length,
        ),
      ),
    );
    await running.settled([...worlds.values()].reduce((sum, { records }) => sum + records.length, 0));
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  it.each(SEEDS)('agree with the slow model on every identity under four policies, with seed %i', async (seed) => {
    const { identities, records } = worlds.get(seed) as World;
    for (const [place, { id: mergePolicyId, policy }] of policies.entries()) {
      const expected = identities.map((identity) => referenceLookup(records, identity, policy));
      expect(expected.filter((one) => one !== undefined).length).toBeGreaterThan(5);
      const named = identities.map(({ id, namespace }) => ({ entityId: id, entityIdNS: { code: namespace } }));
      const many = await running.client.expect<Record<string, unknown>>({
        method: 'POST',
        path: ENTITIES,
        body: JSON.stringify({ schema: { name: schemaNames.profile }, mergePolicyId, identities: named }),
      });
      for (const [index, { xid, id, namespace }] of identities.entries()) {
        const answer = expected[index];
        const requestedIdentity = named[index];
        expect(many[xid]).toEqual(
          answer === undefined
            ? { entityId: xid, sources: [''], entity: {}, lastModifiedAt: '1970-01-01T00:00:00Z' }
            : { ...answer, entityId: xid, requestedIdentity, mergePolicy: { id: mergePolicyId } },
        );
        if ((index + seed) % policies.length !== place) continue;
        const query = { 'schema.name': schemaNames.profile, mergePolicyId, entityId: id, entityIdNS: namespace };
        const one = await running.client.send({ method: 'GET', path: ENTITIES, query });
        expect(one.status).toBe(answer === undefined ? 404 : 200);
        if (answer !== undefined) expect(one.body).toEqual({ [xid]: many[xid] });
      }
    }
  });
});

async function createPolicy(client: TesseraClient, { graph, order }: ReferencePolicy): Promise<string> {
  const { id } = await client.expect<{ id: string }>({
    method: 'POST',
    path: '/data/core/ups/config/mergePolicies',
    body: JSON.stringify({
      name: `${graph} ${order?.length ?? 'by age'}`,
      schema: { name: schemaNames.profile },
      identityGraph: { type: graph },
      attributeMerge: order ? { type: 'dataSetPrecedence', order } : { type: 'timestampOrdered' },
    }),
  });
  return id;
}

/** Few ages, so that records often have the same; most records name one identity, so that people stay apart. */
function worldOf(seed: number, datasets: readonly string[], tenant: TesseraClient): World {
  const random = randomNumbers(seed);
  const identities = Array.from({ length: IDENTITIES }, (_, index): Identity => {
    const namespace = namespaces[index % namespaces.length] as string;
    const id = `${seed}-${index}`;
    return { xid: xidOf(tenant, namespace, id), namespace, id };
  });
  const records = Array.from({ length: 30 + random.below(31) }, (): ReferenceRecord => {
    const isDeleted = random.below(10) === 0;
    const linked = !isDeleted && random.below(3) === 0 ? 1 + random.below(2) : 0;
    const named = Array.from({ length: 1 + linked }, () => pick(random, identities));
    const record = {
      datasetId: pick(random, datasets),
      identities: [...new Set(named)],
      age: 1_700_000_000_000 + random.below(5) * 1_000,
    };
    return isDeleted ? record : { ...record, body: bodyOf(record, random) };
  });
  return { identities, records };
}

function bodyOf({ identities, age }: ReferenceRecord, random: RandomNumbers): JsonObject {
  const fields = ['a', 'b', 'c', 'd'].filter(() => random.below(2) === 0);
  const identityMap: Record<string, JsonObject[]> = {};
  identities.forEach(({ namespace, id }, index) => {
    (identityMap[namespace] ??= []).push(index === 0 ? { id, primary: true } : { id });
  });
  return {
    ...Object.fromEntries(fields.map((name) => [name, valueOf(random, 3)])),
    ...auditOf(age),
    identityMap,
  };
}

function auditOf(age: number): JsonObject {
  return { extSourceSystemAudit: { lastUpdatedDate: new Date(age).toISOString() } };
}

function valueOf(random: RandomNumbers, depth: number): JsonValue {
  const scalars = [random.below(10), 'x', 'y', true, false];
  const kind = random.below(8);
  if (kind === 0) return null;
  if (kind === 1) return Array.from({ length: 1 + random.below(2) }, () => pick(random, scalars));
  if (kind < 5 && depth > 0) {
    const names = ['a', 'b', 'c'].filter(() => random.below(2) === 0);
    return Object.fromEntries(names.map((name) => [name, valueOf(random, depth - 1)]));
  }
  return pick(random, scalars);
}

function pick<T>(random: RandomNumbers, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

function messageOf(
  { datasetId, identities, age, body }: ReferenceRecord,
  datasets: ReadonlyMap<string, DataSetReference>,
  { organisation }: TesseraClient,
) {
  const dataset = datasets.get(datasetId) as DataSetReference;
  if (body !== undefined) return recordMessage(dataset, organisation, body);
  const [{ namespace, id }] = identities as [Identity];
  const removed = { identityMap: { [namespace]: [{ id, primary: true }] }, ...auditOf(age) };
  return recordMessage(dataset, organisation, removed, 'delete');
}
