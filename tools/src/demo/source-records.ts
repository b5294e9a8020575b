import { createHash } from 'node:crypto';
import type { JsonObject } from '@tessera/contracts';
import type { PersonRecord } from './febrl.js';
import { namespaces, type PersonSource } from './names.js';

/** What one source says about one person, ready to be streamed. */
export interface SourceRecord {
  readonly source: PersonSource;
  readonly recordId: string;
  readonly socialSecurityId: string;
  /** ISO 8601. */
  readonly lastUpdated: string;
  /** `person` and `homeAddress`; blank fields are absent. */
  readonly attributes: JsonObject;
}

const EARLIEST_UPDATE = Date.UTC(2024, 0, 1);
const SECONDS_OF_UPDATES = 2 * 365 * 24 * 60 * 60;

/** Maps a person of a source to the profile schema's fields. */
export function sourceRecord(source: PersonSource, person: PersonRecord): SourceRecord {
  const street = [person.streetNumber, person.address1].filter((part) => part !== undefined).join(' ');
  return {
    source,
    recordId: person.recordId,
    socialSecurityId: person.socialSecurityId,
    lastUpdated: lastUpdatedOf(person.recordId),
    attributes: {
      person: present({
        name: present({ firstName: person.givenName, lastName: person.surname }),
        birthDate: calendarDay(person.dateOfBirth),
      }),
      homeAddress: present({
        street1: street === '' ? undefined : street,
        street2: person.address2,
        city: person.suburb,
        postalCode: person.postcode,
        stateProvince: person.state,
      }),
    },
  };
}

/** The record as its source would stream it. */
export function personEntity(record: SourceRecord): JsonObject {
  return {
    identityMap: {
      [namespaces.record.code]: [{ id: record.recordId, primary: true }],
      [namespaces.socialSecurity.code]: [{ id: record.socialSecurityId }],
    },
    ...record.attributes,
    extSourceSystemAudit: { lastUpdatedDate: record.lastUpdated },
  };
}

/** Identities of the record as `namespace/value`, codes in lower case as lookups show them. */
export function identitiesOf(record: SourceRecord): [string, string] {
  return [
    `${namespaces.record.code.toLowerCase()}/${record.recordId}`,
    `${namespaces.socialSecurity.code.toLowerCase()}/${record.socialSecurityId}`,
  ];
}

/**
 * The data says nothing about when a source last changed a record, so each gets a time of its own within two years,
 * always the same one: either source is the newer for about half of the people.
 */
function lastUpdatedOf(recordId: string): string {
  const seconds = createHash('sha256').update(recordId).digest().readUInt32BE() % SECONDS_OF_UPDATES;
  return new Date(EARLIEST_UPDATE + seconds * 1_000).toISOString();
}

/** `19151111` as `1915-11-11`; undefined for a day no calendar has: the second source holds some. */
function calendarDay(digits: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(digits ?? '') ?? [];
  const text = `${year}-${month}-${day}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : text;
}

function present(fields: Readonly<Record<string, JsonObject | string | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonObject | string] => entry[1] !== undefined),
  );
}
