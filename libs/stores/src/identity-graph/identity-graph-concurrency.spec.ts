import fc from 'fast-check';
import { UnavailableError, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import { ageStepOf, defaultIdentitySettings, type GraphLimits, type IdentitySettings } from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { knownTypes, recomputedPeople, recordOf, storedGraph, storedPeople } from './graph-fixture.js';
import { MongoIdentityGraphWriter } from './identity-graph-writer.js';
import { IdentitySettingsRepository } from './identity-settings.js';

/** Real: MongoDB. Three writers with connections of their own stand for three workers. */
const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const databases = Array.from({ length: 3 }, () => Database.create({ uri, name }));
const [database] = databases as [Database];
/** Where one writer alone is given the same, in another order. */
const aloneName = uniqueDatabaseName();
const alone = Database.create({ uri, name: aloneName });

/** Small enough to bite, and no link is ever dropped: dropping is the one thing that may depend on arrival. */
const limits: GraphLimits = { identities: 6, links: 10_000 };
const writers = databases.map((one) => new MongoIdentityGraphWriter(one, { namespaces: knownTypes, limits }));

const MOST_TURNS = 5;

let tenants = 0;
const newTenant = (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` });

beforeAll(() => Promise.all([ensureIndexes(database), ensureIndexes(alone)]));
afterAll(async () => {
  await Promise.all([...databases, alone].map((one) => one.close()));
  await Promise.all([dropTestDatabase(uri, name), dropTestDatabase(uri, aloneName)]);
});

interface Sighting {
  readonly identities: readonly string[];
  readonly at: number;
  readonly batchId?: string;
}

/** Records of one to three identities out of few, so that nearly everything meets. */
const sightings = (identities: number, records: number): Sighting[] =>
  fc.sample(
    fc.record(
      {
        identities: fc.uniqueArray(
          fc.integer({ min: 0, max: identities - 1 }).map((n) => `${['email', 'crmid', 'ecid', 'gaid'][n % 4]}:${n}`),
          { minLength: 1, maxLength: 3 },
        ),
        at: fc.integer({ min: 0, max: 40 }).map((steps) => steps * 25_000),
        batchId: fc.constantFrom('B1', 'B2'),
      },
      { requiredKeys: ['identities', 'at'] },
    ),
    { numRuns: records, seed: 20_260_101 },
  );

const evidenceOf = (tenant: Tenant, all: readonly Sighting[]) =>
  all.map(({ identities, ...more }) => recordOf(tenant, identities, more));

/** A worker whose writer gives up for now is given the same messages again. */
async function applyAsWorkersDo(
  writer: MongoIdentityGraphWriter,
  tenant: Tenant,
  evidence: readonly IdentityEvidence[],
): ReturnType<MongoIdentityGraphWriter['apply']> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await writer.apply(tenant, evidence);
    } catch (error) {
      if (!(error instanceof UnavailableError) || turn === MOST_TURNS) throw error;
    }
  }
}

/** Deals the evidence out to the writers, which take theirs in small batches at the same time. */
async function applyInParallel(tenant: Tenant, evidence: readonly IdentityEvidence[], batch: number): Promise<number> {
  const retries = await Promise.all(
    writers.map(async (writer, place) => {
      const own = evidence.filter((_, index) => index % writers.length === place);
      let count = 0;
      for (let from = 0; from < own.length; from += batch) {
        count += (await applyAsWorkersDo(writer, tenant, own.slice(from, from + batch))).counts.retries;
      }
      return count;
    }),
  );
  return retries.reduce((sum, one) => sum + one, 0);
}

const cases: { title: string; settings: IdentitySettings; identities: number }[] = [
  { title: 'without rules, few of them colliding', settings: { namespaces: [] }, identities: 400 },
  { title: 'beyond the limit', settings: { namespaces: [] }, identities: 24 },
  {
    title: 'with unique namespaces',
    settings: {
      namespaces: [
        { code: 'crmid', unique: true },
        { code: 'email', unique: true, priority: 2 },
      ],
    },
    identities: 32,
  },
];

describe('three writers at once on the same people', () => {
  it.each(cases)('make of them what the evidence alone says, $title', async ({ settings, identities }) => {
    const tenant = newTenant();
    const evidence = evidenceOf(tenant, sightings(identities, 300));
    for (const one of [database, alone]) await new IdentitySettingsRepository(one).put(tenant, settings);

    expect(await applyInParallel(tenant, evidence, 5)).toBeGreaterThan(0);
    const people = await storedPeople(database, tenant);
    expect(people).toEqual(await recomputedPeople(database, tenant, settings, limits));

    const writer = new MongoIdentityGraphWriter(alone, { namespaces: knownTypes, limits });
    const reversed = evidence.toReversed();
    for (let from = 0; from < reversed.length; from += 13) await writer.apply(tenant, reversed.slice(from, from + 13));
    const ageStep = ageStepOf(settings);
    expect(await storedGraph(alone, tenant, ageStep)).toEqual(await storedGraph(database, tenant, ageStep));
  });

  it('change nothing by applying everything once more', async () => {
    const tenant = newTenant();
    const evidence = evidenceOf(tenant, sightings(40, 200));
    await applyInParallel(tenant, evidence, 7);
    const ageStep = ageStepOf(defaultIdentitySettings);
    const before = await storedGraph(database, tenant, ageStep);
    await applyInParallel(tenant, evidence.toReversed(), 11);
    expect(await storedGraph(database, tenant, ageStep)).toEqual(before);
  });

  it('join two records that share an identity and arrive at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const tenant = newTenant();
      const records = [
        ['email:a', 'phone:1'],
        ['phone:1', 'ecid:x'],
        ['ecid:x', 'email:b'],
      ].map((identities) => recordOf(tenant, identities));
      await Promise.all(writers.map((writer, index) => writer.apply(tenant, records.slice(index, index + 1))));
      expect(await storedPeople(database, tenant)).toEqual([['ecid:x', 'email:a', 'email:b', 'phone:1']]);
    }
  });
});
