import fc from 'fast-check';
import type { JsonObject, Tenant } from '@tessera/contracts';
import { profile, startAccessApplication, type AccessApplication, type TestRecord } from './profile-access.fixture.js';

/** Real: two databases, the stores, the graph's writer, and the gateway's routes. Kafka and the workers are left out. */
let one: AccessApplication;
let other: AccessApplication;
beforeAll(async () => {
  [one, other] = await Promise.all([startAccessApplication(), startAccessApplication()]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
});

const names = ['email:a', 'email:b', 'ecid:1', 'ecid:2', 'crm:x', 'crm:y'];
const name = fc.constantFrom(...names);
const field = fc.constantFrom('f', 'g', 'h');
const body: fc.Arbitrary<JsonObject> = fc.dictionary(
  field,
  fc.oneof(fc.nat({ max: 9 }), fc.array(fc.nat({ max: 9 })), fc.dictionary(field, fc.nat({ max: 9 }))),
  { noNullPrototype: true },
);
const record = fc.record({ of: name, datasetId: fc.constantFrom('d0', 'd1', 'd2'), body });

interface Accepted {
  readonly records: readonly TestRecord[];
  readonly links: readonly (readonly string[])[];
}
const accepted: fc.Arbitrary<Accepted> = fc.record({
  // Each record has an age of its own, which decides whatever comes first.
  records: fc
    .array(record, { maxLength: 30 })
    .map((records) => records.map((some, index) => ({ ...some, age: 1_700_000_000_000 + index }))),
  links: fc.array(fc.uniqueArray(name, { minLength: 2, maxLength: 3 }), { maxLength: 4 }),
});
const inTwoOrders = accepted.chain(({ records, links }) =>
  fc.tuple(
    fc.constant({ records, links }),
    fc.record({
      records: fc.shuffledSubarray([...records], { minLength: records.length }),
      links: fc.shuffledSubarray([...links], { minLength: links.length }),
    }),
  ),
);

async function accept(access: AccessApplication, tenant: Tenant, { records, links }: Accepted): Promise<string> {
  for (const some of records) await access.records(tenant, [some]);
  for (const link of links) await access.link(tenant, ...link);
  return access.policy(tenant, { identityGraph: { type: 'pdg' }, attributeMerge: { type: 'timestampOrdered' } });
}

describe('lookups', () => {
  it('are answered byte for byte the same wherever the same was accepted, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(inTwoOrders, async ([first, second]) => {
        const tenant = one.newTenant();
        const [policyOfOne, policyOfOther] = await Promise.all([
          accept(one, tenant, first),
          accept(other, tenant, second),
        ]);
        for (const [index, text] of names.entries()) {
          const [entityIdNS = '', entityId = ''] = text.split(':');
          const query = { 'schema.name': profile, entityId, entityIdNS };
          const answers = await Promise.all([
            one.get(tenant, { ...query, mergePolicyId: policyOfOne }),
            other.get(tenant, { ...query, mergePolicyId: policyOfOther }),
          ]);
          const texts = answers.map(({ status, text: answer }) =>
            status === 200 ? answer.replace(/"mergePolicy":\{[^}]*\}/, '') : status,
          );
          expect([index, texts[1]]).toEqual([index, texts[0]]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('go by a policy as soon as its change is made, however many lookups are under way', async () => {
    const { tenant, query } = await stitched();
    await underLoad(tenant, query, async () => {
      for (const type of ['none', 'pdg', 'none', 'pdg', 'none', 'pdg', 'none', 'pdg'] as const) {
        await one.defaultGraph(tenant, type);
        const { body: answer } = await one.get(tenant, query);
        expect([type, Object.values(answer)[0]?.sources]).toEqual([type, type === 'pdg' ? ['d0'] : []]);
      }
    });
  });

  it('show a record as soon as it is stored, however many lookups are under way', async () => {
    const { tenant, query } = await stitched();
    await underLoad(tenant, query, async () => {
      for (let n = 1; n <= 20; n += 1) {
        await one.records(tenant, [{ of: 'crm:x', datasetId: 'd0', age: 1_700_000_000_000 + n, body: { n } }]);
        const { body: answer } = await one.get(tenant, query);
        expect(Object.values(answer)[0]?.entity['n']).toBe(n);
      }
    });
  });
});

type Query = Readonly<Record<string, string>>;

/** A person of two identities, and a lookup of the one that no record is stored under. */
async function stitched(): Promise<{ readonly tenant: Tenant; readonly query: Query }> {
  const tenant = one.newTenant();
  await one.link(tenant, 'email:a', 'crm:x');
  await one.records(tenant, [{ of: 'crm:x', datasetId: 'd0', body: { n: 0 } }]);
  return { tenant, query: { 'schema.name': profile, entityId: 'a', entityIdNS: 'email' } };
}

/** Works while twenty clients repeat a lookup. */
async function underLoad(tenant: Tenant, query: Query, work: () => Promise<void>): Promise<void> {
  let isWorking = true;
  const clients = Array.from({ length: 20 }, async () => {
    while (isWorking) await one.get(tenant, query);
  });
  try {
    await work();
  } finally {
    isWorking = false;
    await Promise.all(clients);
  }
}
