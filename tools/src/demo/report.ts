import { styleText } from 'node:util';
import type { JsonValue } from '@tessera/contracts';
import type { CountersAnswer, EventAnswer, ExplanationAnswer, ProfileAnswer } from '../client/answers.js';
import { summarise } from '../load/percentile.js';
import type { ExpectedPerson } from './expected-people.js';
import type { DemoDataSets } from './names.js';
import type { ExpectedFigures } from './plan.js';
import { count, figure, heading, line, milliseconds, table } from './printer.js';
import { LOOKUPS_AT_A_TIME, fieldsOf, type PeopleFound } from './verify-people.js';
import { priceOf } from './verify-purchases.js';

export function reportRecords(accepted: number, { totals }: CountersAnswer, perSecond: number): void {
  const rate = `${count(Math.round(perSecond))} a second, from the first request until all were applied`;
  const reasons = Object.entries(totals.deadLetteredByReason).map(([reason, letters]) => `${letters} ${reason}`);
  heading('Records');
  figure('accepted', count(accepted), rate);
  figure('= applied', count(totals.applied), `${totals.superseded} came late: something newer was there`);
  figure('+ duplicates', count(totals.duplicate), 'purchases that were sent twice');
  figure('+ dead letters', count(totals.deadLettered), reasons.sort().join(', '));
}

export function reportPeople(persons: PeopleFound, customers: PeopleFound, expected: ExpectedFigures): void {
  heading('People');
  figure(
    'people',
    count(persons.people + customers.people),
    `${count(customers.people)} customers who bought something`,
  );
  figure('profile fragments', count(persons.fragments), 'one per record of the two person sources');
  const apart = expected.people - expected.stitched;
  const note = `share a social security number; ${count(apart)} stay apart, as their two sources disagree on it`;
  figure('stitched from both', count(persons.stitched), note);
}

export interface ProfileReport {
  readonly person: ExpectedPerson;
  readonly before: ProfileAnswer;
  readonly after: ProfileAnswer;
  /** The platform's own explanation of the merged profile. */
  readonly fields: ExplanationAnswer['fields'];
  readonly dataSets: DemoDataSets;
}

/** The same person before and after the second source was streamed, with the source that won each field and why. */
export function reportProfile({ person, before, after, fields, dataSets }: ProfileReport): void {
  heading('One person, before and after the second source');
  for (const { source, recordId, lastUpdated } of person.records) {
    line(styleText('dim', `${source.padEnd(8)} ${recordId}, updated ${lastUpdated.slice(0, 10)}`));
  }
  const names = new Map(Object.entries(dataSets).map(([name, { id }]) => [id, name]));
  const [old, merged] = [fieldsOf(before), fieldsOf(after)];
  const rows = [...merged].map(([path, value]) => {
    const shown = shownValue(value);
    const field = fields.find((one) => one.path === path);
    const source = names.get(field?.winner.datasetId ?? '') ?? '?';
    const changed = old.get(path) !== value;
    return [path, shownValue(old.get(path)), changed ? styleText('green', shown) : shown, source, field?.rule ?? ''];
  });
  table([['field', 'before', 'after', 'from', 'because'].map((title) => styleText('dim', title)), ...rows]);
  const identities = (after.entity.identities ?? []).map(({ id, namespace }) => `${namespace.code} ${id}`);
  line(`identities: ${identities.join(' · ')}`);
}

export function reportPurchases(customer: string, purchases: readonly EventAnswer[]): void {
  const spent = purchases.reduce((sum, { entity }) => sum + (priceOf(entity) ?? 0), 0);
  heading(`Purchases of customer ${customer}`);
  table(
    purchases.map(({ timestamp, entity }) => {
      const items = entity['productListItems'] as { quantity?: number }[] | undefined;
      const discs = items?.[0]?.quantity ?? 0;
      const price = (priceOf(entity) ?? 0).toFixed(2).padStart(7);
      return [new Date(timestamp).toISOString().slice(0, 10), `${discs} CD${discs === 1 ? '' : 's'}`, `$${price}`];
    }),
  );
  line(`${purchases.length} purchases, $${spent.toFixed(2)}`);
}

export function reportDelays(freshness: readonly number[], lookups: readonly number[]): void {
  heading('Delays');
  const visible = summarise(freshness);
  const lookup = summarise(lookups);
  figure(
    'ingest to visible',
    '',
    `p50 ${milliseconds(visible.p50)}, p99 ${milliseconds(visible.p99)}, of ${visible.samples} records at a steady low rate`,
  );
  figure(
    'lookup',
    '',
    `p50 ${milliseconds(lookup.p50)}, p99 ${milliseconds(lookup.p99)}, of ${count(lookup.samples)} lookups, ${LOOKUPS_AT_A_TIME} at a time`,
  );
}

function shownValue(value: JsonValue | undefined): string {
  return value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** The last word: whether every figure is what the raw data says. */
export function reportChecks(failures: readonly string[], compared: number): void {
  if (failures.length === 0) {
    console.log(
      `\n${styleText('green', '✔')} Every figure adds up: ${count(compared)} comparisons with the raw data.\n`,
    );
    return;
  }
  console.error(`\n${styleText('red', '✘')} ${failures.length} figure(s) do not add up:`);
  for (const failure of failures) console.error(`  ${failure}`);
}
