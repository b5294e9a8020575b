import type { JsonObject, JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { versionOf } from '../record/version.js';
import { fieldPathOf } from './field-path.js';
import type { Fragment } from './fragment.js';
import type { AttributeMerge } from './merge-policy.js';

/* Generators for the property tests of merging: few names, so that fragments meet; hostile ones, so that they hurt. */

const names = ['a', 'b', 'c', '10', '2', '__proto__', 'constructor', 'toJSON', '$where', 'x.y', 'p/q', '~', ''];
const datasets = ['d1', 'd2', 'd3', 'd4'];
const name = fc.constantFrom(...names);

/** Parsed text, as bodies are: an assigned `__proto__` would be lost. */
const object = (value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> =>
  fc
    .array(fc.tuple(name, value), { maxLength: 5 })
    .map(
      (members) =>
        JSON.parse(`{${members.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as JsonObject,
    );

const scalar: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>(
  null,
  '',
  'v',
  'w',
  '\ud800',
  0,
  1,
  -2.5,
  true,
  false,
);

const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue; array: JsonValue; object: JsonValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 2 }),
  object: object(tie('value')),
})).value;

const identity = fc.oneof(
  fc.record(
    {
      id: fc.constantFrom<JsonValue[]>('ada', 'bob', '', 7),
      primary: fc.boolean(),
      authenticatedState: fc.constantFrom<JsonValue[]>('authenticated', 'ambiguous', null),
    },
    { requiredKeys: [] },
  ),
  scalar,
);
const identityMap = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.dictionary(fc.constantFrom('Email', 'email', 'CRMID'), fc.array(identity, { maxLength: 3 })),
  },
  { weight: 1, arbitrary: value },
);

const time = fc.constantFrom<JsonValue[]>(
  '2026-01-02T00:00:00.000Z',
  '2026-01-03T00:00:00.000Z',
  1767312000000,
  'soon',
  null,
);
const segmentEntry = fc.oneof(
  fc.record(
    { status: fc.constantFrom<JsonValue[]>('realized', 'exited', '', null), lastQualificationTime: time },
    { requiredKeys: [] },
  ),
  value,
);
const segmentMembership = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.dictionary(fc.constantFrom('ups', 'aam'), fc.dictionary(fc.constantFrom('s1', 's2'), segmentEntry)),
  },
  { weight: 1, arbitrary: value },
);

const body: fc.Arbitrary<JsonObject> = fc
  .tuple(object(value), fc.option(identityMap), fc.option(segmentMembership))
  .map(([fields, identities, segments]) => {
    const members = Object.entries(fields);
    if (identities !== null) members.push(['identityMap', identities]);
    if (segments !== null) members.push(['segmentMembership', segments]);
    return JSON.parse(
      `{${members.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`,
    ) as JsonObject;
  });

const smallAge = fc.integer({ min: 0, max: 2 });
const acceptance = fc.record({ acceptedAt: smallAge, position: fc.constantFrom('0', '1') });
const pointer = fc.array(name, { maxLength: 3 }).map((path) => fieldPathOf(path).pointer);
const fieldVersions = fc
  .array(fc.tuple(pointer, smallAge, acceptance), { maxLength: 5 })
  .map((entries) => new Map(entries.map(([at, age, accepted]) => [at, versionOf(age, accepted)])));

/** One fragment; ages and acceptances are few, so that ties are common. */
export const anyFragment: fc.Arbitrary<Fragment> = fc
  .record({
    datasetId: fc.constantFrom(...datasets),
    xid: fc.constantFrom('x1', 'x2', 'x3'),
    age: smallAge,
    acceptance,
    body,
    fieldVersions: fc.option(fieldVersions),
  })
  .map(({ datasetId, xid, age, acceptance: accepted, body: fields, fieldVersions: versions }) => ({
    datasetId,
    xid,
    age,
    version: versionOf(age, accepted),
    body: fields,
    ...(versions === null ? {} : { fieldVersions: versions }),
  }));

/** The fragments of one person: at most one of each dataset and XID. */
export const anyFragments: fc.Arbitrary<Fragment[]> = fc.uniqueArray(anyFragment, {
  maxLength: 6,
  selector: ({ datasetId, xid }) => `${datasetId}.${xid}`,
});

export const anyAttributeMerge: fc.Arbitrary<AttributeMerge> = fc.oneof(
  fc.constant<AttributeMerge>({ type: 'timestampOrdered' }),
  fc
    .subarray(datasets, { minLength: 1 })
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
    .map((order): AttributeMerge => ({ type: 'dataSetPrecedence', order })),
);

/** A fragment for examples: accepted at its age. */
export function fragment(datasetId: string, age: number, json: string, more: Partial<Fragment> = {}): Fragment {
  const version = versionOf(age, { acceptedAt: age, position: '0' });
  return { datasetId, xid: 'x1', age, version, body: JSON.parse(json) as JsonObject, ...more };
}

/** The version of an upsert accepted at its age. */
export function at(age: number): string {
  return versionOf(age, { acceptedAt: age, position: '0' });
}
