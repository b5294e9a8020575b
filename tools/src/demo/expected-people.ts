import type { JsonValue } from '@tessera/contracts';
import { groupByIdentity } from './identity-groups.js';
import { leavesOf } from './leaves.js';
import type { PersonSource } from './names.js';
import { identitiesOf, type SourceRecord } from './source-records.js';

/** A field of a merged profile and the record it must come from. */
export interface ExpectedField {
  readonly value: JsonValue;
  readonly from: SourceRecord;
}

/** One person as the raw data says it must come out of the default merge policy. */
export interface ExpectedPerson {
  readonly records: readonly SourceRecord[];
  /** `namespace/value` of every identity. */
  readonly identities: ReadonlySet<string>;
  readonly sources: ReadonlySet<PersonSource>;
  /** By dotted path, in alphabetical order. */
  readonly fields: ReadonlyMap<string, ExpectedField>;
}

/**
 * Works out the people behind the records without any code of the platform: records that share an identity are one
 * person, and of each field the most recently updated record that has it wins (spec 05-merge-policies).
 */
export function expectedPeople(records: readonly SourceRecord[]): ExpectedPerson[] {
  return groupByIdentity(records, identitiesOf).map((group) => ({
    records: group,
    identities: new Set(group.flatMap(identitiesOf)),
    sources: new Set(group.map((record) => record.source)),
    fields: mergedFields(group),
  }));
}

/** Whether both sources know the person. */
export function isStitched(person: ExpectedPerson): boolean {
  return person.sources.size === 2;
}

function mergedFields(group: readonly SourceRecord[]): Map<string, ExpectedField> {
  const oldestFirst = group.toSorted((left, right) => Date.parse(left.lastUpdated) - Date.parse(right.lastUpdated));
  const fields = new Map<string, ExpectedField>();
  for (const from of oldestFirst) {
    for (const [path, value] of leavesOf(from.attributes)) fields.set(path, { value, from });
  }
  return new Map([...fields].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * The person whose profile shows most of what merging does: both sources win fields, and they disagree on some.
 *
 * @throws Error when there is no such person.
 */
export function mostTelling(people: readonly ExpectedPerson[]): ExpectedPerson {
  const scored = people.filter(isStitched).map((person) => ({ person, score: tellingScore(person) }));
  const [best] = scored.sort((left, right) => right.score - left.score);
  if (best === undefined || best.score === 0) throw new Error('no person has fields from both sources');
  return best.person;
}

function tellingScore(person: ExpectedPerson): number {
  const winners = [...person.fields.values()].map((field) => field.from.source);
  const fewest = Math.min(
    ...(['crm', 'loyalty'] as const).map((source) => winners.filter((winner) => winner === source).length),
  );
  const disagreements = [...person.fields].filter(([path, { value }]) =>
    person.records.some((record) => {
      const other = leavesOf(record.attributes).get(path);
      return other !== undefined && other !== value;
    }),
  );
  return Math.min(fewest, disagreements.length);
}
