import { performance } from 'node:perf_hooks';
import type { CountersAnswer, ExplanationAnswer } from '../client/answers.js';
import { builtInSchemas, type RecordMessage } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { Progress } from '../load/progress.js';
import { waitUntilApplied } from '../load/settle.js';
import { streamBatches } from '../load/stream-batches.js';
import { Checks } from './checks.js';
import { mostTelling, type ExpectedPerson } from './expected-people.js';
import { FRESHNESS_RECORDS, measureFreshness } from './freshness.js';
import { namespaces, type DemoDataSets } from './names.js';
import {
  expectedFigures,
  firstSourceMessages,
  remainingMessages,
  type DemoData,
  type ExpectedFigures,
} from './plan.js';
import { heading } from './printer.js';
import { purchasesByCustomer } from './purchases.js';
import { reportChecks, reportDelays, reportPeople, reportProfile, reportPurchases, reportRecords } from './report.js';
import { verifyCustomers, verifyPeople, type PeopleFound } from './verify-people.js';
import { purchasesOf, verifyPurchases } from './verify-purchases.js';

const BATCH_SIZE = 250;
const BATCHES_IN_FLIGHT = 8;
/** Every how many-th customer's purchases are compared one by one. */
const PURCHASES_COMPARED_EVERY = 50;
const PURCHASES_SHOWN = 5;

interface Demo {
  readonly client: TesseraClient;
  readonly inletId: string;
  readonly dataSets: DemoDataSets;
  readonly data: DemoData;
  readonly expected: ExpectedFigures;
  readonly checks: Checks;
}

/**
 * Streams all of the data through a running, empty platform and prints what came of it.
 *
 * @returns what does not add up; nothing when all is well.
 * @throws Error when the platform refuses a request or stops making progress.
 */
export async function runDemo(client: TesseraClient, data: DemoData): Promise<readonly string[]> {
  const { dataSets, inletId } = await prepare(client);
  const checks = new Checks();
  const demo: Demo = { client, inletId, dataSets, data, expected: expectedFigures(data), checks };

  heading('Streaming');
  const telling = mostTelling(data.people);
  const identity = { namespace: namespaces.record.code, id: telling.records[0]?.recordId ?? '' };
  const first = await stream(demo, 'first source  ', firstSourceMessages(data, dataSets, client.organisation), 0);
  const before = await client.profile(identity);
  const second = await stream(
    demo,
    'everything else',
    remainingMessages(data, dataSets, client.organisation),
    first.accepted,
  );
  const after = await client.profile(identity);
  const accepted = first.accepted + second.accepted;
  reportRecords(accepted, second.counters, (1_000 * accepted) / (first.milliseconds + second.milliseconds));
  checkRecords(demo, accepted, second.counters);

  const persons = await verifyPeople(client, data.people, dataSets);
  const customers = purchasesByCustomer(data.purchases);
  const buyers = await verifyCustomers(client, [...customers.keys()]);
  reportPeople(persons, buyers, demo.expected);
  checkPeople(demo, persons, buyers);

  if (before === undefined || after === undefined) throw new Error(`${identity.id} was streamed but is not known`);
  const { fields } = await client.explain(identity);
  reportProfile({ person: telling, before, after, fields, dataSets });
  checkOrigins(demo, telling, fields);
  await showPurchases(demo, customers);
  const freshness = await measureFreshness(client, inletId, dataSets.points);
  reportDelays(freshness, persons.delays);
  const counters = await waitUntilApplied(client, accepted + FRESHNESS_RECORDS);
  checks.equal(
    'records with an outcome at the end',
    counters.totals.applied,
    second.counters.totals.applied + FRESHNESS_RECORDS,
  );
  reportChecks(checks.failures, checks.count);
  return checks.failures;
}

async function prepare(client: TesseraClient): Promise<Pick<Demo, 'dataSets' | 'inletId'>> {
  for (const { code, name } of Object.values(namespaces)) await client.createNamespace(code, name, 'CROSS_DEVICE');
  const dataSets = {
    crm: await client.createDataSet('CRM', builtInSchemas.profile),
    loyalty: await client.createDataSet('Loyalty', builtInSchemas.profile),
    purchases: await client.createDataSet('Purchases', builtInSchemas.event),
    points: await client.createDataSet('Loyalty points', builtInSchemas.profile),
  };
  return { dataSets, inletId: await client.createInlet('Demo') };
}

interface Streamed {
  readonly accepted: number;
  readonly counters: CountersAnswer;
  /** From the first request until everything was applied and linked. */
  readonly milliseconds: number;
}

async function stream(
  demo: Demo,
  label: string,
  messages: readonly RecordMessage[],
  before: number,
): Promise<Streamed> {
  const progress = new Progress(label, messages.length);
  const start = performance.now();
  try {
    const { accepted, refusals } = await streamBatches(demo.client, demo.inletId, messages, {
      batchSize: BATCH_SIZE,
      inFlight: BATCHES_IN_FLIGHT,
      onProgress: (records) => progress.advance(records),
    });
    demo.checks.none(`records taken at the door (${label.trim()})`, messages.length, refusals);
    const counters = await waitUntilApplied(demo.client, before + accepted);
    return { accepted, counters, milliseconds: performance.now() - start };
  } finally {
    progress.stop();
  }
}

function checkRecords({ checks, expected, dataSets }: Demo, accepted: number, counters: CountersAnswer): void {
  const { applied, duplicate, superseded, deadLettered, deadLetteredByReason: reasons } = counters.totals;
  checks.equal('accepted', accepted, expected.accepted);
  checks.equal('applied + duplicates + dead letters', applied + duplicate + deadLettered, accepted);
  checks.equal('duplicates', duplicate, expected.duplicates);
  checks.equal('records superseded by a newer one', superseded, expected.superseded);
  for (const reason of new Set([...Object.keys(reasons), ...expected.deadLetters.keys()])) {
    checks.equal(`dead letters for ${reason}`, reasons[reason] ?? 0, expected.deadLetters.get(reason) ?? 0);
  }
  const events = counters.datasets.find(({ datasetId }) => datasetId === dataSets.purchases.id);
  checks.equal('purchases stored', events?.stored ?? 0, expected.purchases);
}

function checkPeople({ checks, expected }: Demo, persons: PeopleFound, buyers: PeopleFound): void {
  checks.equal('people of the person sources', persons.people, expected.people);
  checks.equal('people stitched from both sources', persons.stitched, expected.stitched);
  checks.equal('profile fragments', persons.fragments, expected.fragments);
  checks.equal('customers', buyers.people, expected.customers);
  checks.none('profiles of people', persons.lookups, persons.differences);
  checks.none('profiles of customers', buyers.lookups, buyers.differences);
}

function checkOrigins({ checks, dataSets }: Demo, person: ExpectedPerson, fields: ExplanationAnswer['fields']): void {
  const winners = new Map(fields.map(({ path, winner }) => [path, winner.datasetId]));
  const wrong = [...person.fields].filter(([path, { from }]) => winners.get(path) !== dataSets[from.source].id);
  const differences = wrong.map(([path, { from }]) => `${path} from ${winners.get(path)} instead of ${from.source}`);
  checks.none('origins of fields', person.fields.size, differences);
}

async function showPurchases(
  { client, checks }: Demo,
  customers: ReturnType<typeof purchasesByCustomer>,
): Promise<void> {
  const shown = [...customers].find(([, purchases]) => purchases.length === PURCHASES_SHOWN)?.[0];
  if (shown !== undefined) reportPurchases(shown, await purchasesOf(client, shown));
  const longest = [...customers].reduce((left, right) => (right[1].length > left[1].length ? right : left));
  const compared = new Map([...customers].filter((_, index) => index % PURCHASES_COMPARED_EVERY === 0)).set(...longest);
  checks.none('purchases of customers', compared.size, await verifyPurchases(client, compared));
}
