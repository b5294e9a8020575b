import fc from 'fast-check';
import type { Identity, JsonObject, JsonValue, Tenant } from '@tessera/contracts';
import { referenceLookup, type ReferencePolicy, type ReferenceRecord } from '@tessera/testing';
import { identityOf, profile, startAccessApplication, type AccessApplication } from './profile-access.fixture.js';

let access: AccessApplication;
beforeAll(async () => {
  access = await startAccessApplication();
});
afterAll(() => access.close());

const datasets = ['dataset-a', 'dataset-b', 'dataset-c'];
const everybody = Array.from({ length: 24 }, (_, index) => `${['email', 'ecid', 'crm'][index % 3]}:${index}`);
const policies: readonly ReferencePolicy[] = [
  { graph: 'pdg' },
  { graph: 'none' },
  { graph: 'pdg', order: ['dataset-c', 'dataset-a'] },
  { graph: 'none', order: ['dataset-b', 'dataset-a', 'dataset-c'] },
];

interface Said {
  readonly datasetId: string;
  readonly of: readonly string[];
  readonly age: number;
  readonly body: JsonObject;
  readonly isDeleted: boolean;
}

const scalar = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('x', 'y', true, false, null));
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(scalar, { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
// Few ages, so that records often have the same; most records name one or two identities, so that people stay apart.
const said: fc.Arbitrary<Said> = fc.record({
  datasetId: fc.constantFrom(...datasets),
  of: fc
    .tuple(fc.constantFrom(...everybody), fc.array(fc.constantFrom(...everybody), { maxLength: 2 }), fc.nat(2))
    .map(([primary, others, links]) => [...new Set([primary, ...(links === 0 ? others : [])])]),
  age: fc.integer({ min: 0, max: 4 }).map((step) => 1_700_000_000_000 + step * 1_000),
  body: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { maxKeys: 4, noNullPrototype: true }),
  isDeleted: fc.nat(9).map((one) => one === 0),
});
const world = fc.array(said, { minLength: 30, maxLength: 60 });

function recordOf(tenant: Tenant, { datasetId, of, age, body, isDeleted }: Said): ReferenceRecord {
  const identities = of.map((text) => identityOf(tenant, text));
  const identityMap: Record<string, JsonObject[]> = {};
  identities.forEach(({ namespace, id }, index) => {
    (identityMap[namespace] ??= []).push(index === 0 ? { id, primary: true } : { id });
  });
  return { datasetId, identities, age, ...(!isDeleted && { body: { ...body, identityMap } }) };
}

async function store(tenant: Tenant, everything: readonly Said[]): Promise<ReferenceRecord[]> {
  const records = everything.map((one) => recordOf(tenant, one));
  // Accepted in this order, written in any.
  await Promise.all(
    records.map(({ datasetId, age, body }, index) => {
      const of = everything[index]?.of[0] as string;
      return access.records(tenant, [{ of, datasetId, age, ...(body && { body }) }]);
    }),
  );
  for (const { of } of everything) await access.link(tenant, ...of);
  return records;
}

function policyId(tenant: Tenant, { graph, order }: ReferencePolicy): Promise<string> {
  return access.policy(tenant, {
    identityGraph: { type: graph },
    attributeMerge: order ? { type: 'dataSetPrecedence', order } : { type: 'timestampOrdered' },
  });
}

describe('lookups under four policies', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
    'agree with the slow model on every identity, in one call and one by one, with seed %i',
    async (seed) => {
      const tenant = access.newTenant();
      const records = await store(tenant, fc.sample(world, { seed, numRuns: 1 })[0] ?? []);
      const identities = everybody.map((text) => identityOf(tenant, text));
      for (const policy of policies) {
        const mergePolicyId = await policyId(tenant, policy);
        const expected = identities.map((identity) => referenceLookup(records, identity, policy));
        expect(expected.filter((one) => one !== undefined).length).toBeGreaterThan(5);
        const many = await access.post(tenant, {
          schema: { name: profile },
          mergePolicyId,
          identities: identities.map(({ id, namespace }) => ({ entityId: id, entityIdNS: { code: namespace } })),
        });
        expect(many.status).toBe(200);
        for (const [index, identity] of identities.entries()) {
          const answer = expected[index];
          expect(many.body[identity.xid]).toEqual(
            answer === undefined
              ? { entityId: identity.xid, sources: [''], entity: {}, lastModifiedAt: '1970-01-01T00:00:00Z' }
              : { ...answer, ...named(identity), mergePolicy: { id: mergePolicyId } },
          );
          if (index % 4 !== seed % 4) continue;
          const query = {
            'schema.name': profile,
            mergePolicyId,
            entityId: identity.id,
            entityIdNS: identity.namespace,
          };
          const one = await access.get(tenant, query);
          expect(one.status).toBe(answer === undefined ? 404 : 200);
          if (answer !== undefined) expect(one.body[identity.xid]).toEqual(many.body[identity.xid]);
        }
      }
    },
    60_000,
  );
});

function named({ xid, namespace, id }: Identity): object {
  return { entityId: xid, requestedIdentity: { entityId: id, entityIdNS: { code: namespace } } };
}
