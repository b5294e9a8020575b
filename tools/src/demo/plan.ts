import { recordMessage, type RecordMessage } from '../client/record-message.js';
import type { PublicFileName } from './public-data.js';
import { brokenRecords } from './broken-records.js';
import { parsePurchases, type Purchase } from './cdnow.js';
import { expectedPeople, isStitched, type ExpectedPerson } from './expected-people.js';
import { parsePersons } from './febrl.js';
import type { DemoDataSets } from './names.js';
import { inOrderOfTime, purchaseEvent, purchasesByCustomer } from './purchases.js';
import { personEntity, sourceRecord, type SourceRecord } from './source-records.js';

/** Events that are streamed a second time, and records that arrive after a newer one of the same person. */
const REPEATED_EVENTS = 300;
const LATE_RECORDS = 100;
const BROKEN_OF_EACH_KIND = 8;
const LATE_BY_MS = 30 * 24 * 60 * 60 * 1_000;

/** What is known before anything is streamed: the raw data and what must come of it. */
export interface DemoData {
  readonly purchases: readonly Purchase[];
  readonly crm: readonly SourceRecord[];
  readonly loyalty: readonly SourceRecord[];
  readonly people: readonly ExpectedPerson[];
}

/** Figures that follow from the raw data alone. */
export interface ExpectedFigures {
  readonly customers: number;
  readonly purchases: number;
  /** People of the two person sources. */
  readonly people: number;
  readonly stitched: number;
  readonly fragments: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly superseded: number;
  /** By reason. */
  readonly deadLetters: ReadonlyMap<string, number>;
}

/** Reads the public files. @throws Error naming the line that is not understood. */
export function readDemoData(files: Readonly<Record<PublicFileName, string>>): DemoData {
  const crm = parsePersons(files.firstSource).map((person) => sourceRecord('crm', person));
  const loyalty = parsePersons(files.secondSource).map((person) => sourceRecord('loyalty', person));
  return { purchases: parsePurchases(files.purchases), crm, loyalty, people: expectedPeople([...crm, ...loyalty]) };
}

/** The figures the platform must arrive at when everything has been streamed. */
export function expectedFigures(data: DemoData): ExpectedFigures {
  const broken = brokenRecords(BROKEN_OF_EACH_KIND);
  const repeated = Math.min(REPEATED_EVENTS, data.purchases.length);
  const late = Math.min(LATE_RECORDS, data.crm.length);
  const fragments = data.crm.length + data.loyalty.length;
  return {
    customers: purchasesByCustomer(data.purchases).size,
    purchases: data.purchases.length,
    people: data.people.length,
    stitched: data.people.filter(isStitched).length,
    fragments,
    accepted: data.purchases.length + fragments + repeated + late + broken.length,
    duplicates: repeated,
    superseded: late,
    deadLetters: new Map(
      [...Map.groupBy(broken, ({ reason }) => reason)].map(([reason, { length }]) => [reason, length]),
    ),
  };
}

/** What is streamed first: the first source, alone. */
export function firstSourceMessages(data: DemoData, dataSets: DemoDataSets, organisation: string): RecordMessage[] {
  return data.crm.map((record) => recordMessage(dataSets.crm, organisation, personEntity(record)));
}

/**
 * Everything else, as a day in a shop would bring it: the second source, all purchases in order of time, then purchases
 * sent twice, older states of records that arrive late, and mistakes.
 */
export function remainingMessages(data: DemoData, dataSets: DemoDataSets, organisation: string): RecordMessage[] {
  const purchases = inOrderOfTime(data.purchases).map((purchase) =>
    recordMessage(dataSets.purchases, organisation, purchaseEvent(purchase)),
  );
  return [
    ...data.loyalty.map((record) => recordMessage(dataSets.loyalty, organisation, personEntity(record))),
    ...purchases,
    ...purchases.slice(0, REPEATED_EVENTS),
    ...data.crm
      .slice(0, LATE_RECORDS)
      .map((record) => recordMessage(dataSets.crm, organisation, personEntity(older(record)))),
    ...brokenRecords(BROKEN_OF_EACH_KIND).map(({ dataSet, entity }) =>
      recordMessage(dataSets[dataSet], organisation, entity),
    ),
  ];
}

/** The same record a month earlier, under another name that must not show. */
function older(record: SourceRecord): SourceRecord {
  return {
    ...record,
    lastUpdated: new Date(Date.parse(record.lastUpdated) - LATE_BY_MS).toISOString(),
    attributes: { person: { name: { firstName: 'Late', lastName: 'Arrival' } } },
  };
}
