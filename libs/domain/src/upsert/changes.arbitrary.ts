import fc from 'fast-check';
import type { JsonObject, JsonValue, RecordOperation } from '@tessera/contracts';
import { versionOf } from '../record/version.js';
import type { FragmentChange } from './fragment-state.js';

/* Generators for the property tests of upserts: few names, so that records meet; hostile ones, so that they hurt. */

const names = ['a', 'b', '10', '2', '__proto__', 'constructor', 'p/q', '~1', '', '*'];

/** Parsed text, as bodies are: an assigned `__proto__` would be lost. */
const object = (name: fc.Arbitrary<string>, value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> =>
  fc.array(fc.tuple(name, value), { maxLength: 4 }).map(objectOf);

const scalar: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>('', 'v', 'w', 0, 1, true, '\ud800');
const array: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>([], [1], [null, { b: null, a: 1 }], [[]]);

const valueWith = (none: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  fc.letrec<{ value: JsonValue; object: JsonValue }>((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, array, none, tie('object'), tie('object')),
    object: object(fc.constantFrom(...names), tie('value')),
  })).value;

const identity = (id: string) =>
  fc.constantFrom<JsonObject[]>({ id }, { id, primary: true }, { id, authenticatedState: 'authenticated' });
const ids = ['ada', 'x/y', '__proto__'];
const identities: fc.Arbitrary<JsonValue> = fc
  .subarray(ids)
  .chain((chosen) => fc.tuple(...chosen.map(identity)))
  .map((items) => items as JsonValue);
const identityMap = (none: fc.Arbitrary<JsonValue>) =>
  object(
    fc.constantFrom('email', 'phone', '__proto__'),
    fc.oneof({ weight: 4, arbitrary: identities }, none.map(nullOrNoIdentity)),
  );
const nullOrNoIdentity = (none: JsonValue): JsonValue => (none === null ? null : []);

const body = (none: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(
      object(fc.constantFrom(...names), valueWith(none)),
      fc.option(fc.oneof({ weight: 4, arbitrary: identityMap(none) }, none)),
    )
    .map(([fields, map]) =>
      objectOf([...Object.entries(fields), ...(map === null ? [] : [['identityMap', map] as const])]),
    );

const nothing = fc.constant<JsonValue>({});
const operation: fc.Arbitrary<{ operation: RecordOperation; body: JsonObject }> = fc.oneof(
  { weight: 6, arbitrary: body(fc.constant(null)).map((fields) => ({ operation: 'merge' as const, body: fields })) },
  { weight: 2, arbitrary: body(nothing).map((fields) => ({ operation: 'create' as const, body: fields })) },
  { weight: 1, arbitrary: fc.constant({ operation: 'delete' as const, body: {} }) },
);

/** Records with distinct versions, by rising version, and the same ones shuffled, repeated and cut into portions. */
export const changesInAnyOrder: fc.Arbitrary<{ inOrder: FragmentChange[]; portions: FragmentChange[][] }> = fc
  .array(operation, { maxLength: 7 })
  .map((operations) =>
    operations.map((each, index): FragmentChange => ({
      ...each,
      version: versionOf(Math.floor(index / 2), { acceptedAt: index, position: '0' }),
    })),
  )
  .chain((inOrder) =>
    fc.record({
      inOrder: fc.constant(inOrder),
      portions: fc
        .tuple(
          fc.shuffledSubarray(inOrder),
          fc.shuffledSubarray(inOrder, { minLength: inOrder.length }),
          fc.infiniteStream(fc.boolean()),
        )
        .map(([some, all, cuts]) => {
          const portions: FragmentChange[][] = [];
          for (const change of [...some, ...all]) {
            const last = portions.at(-1);
            if (last === undefined || cuts.next().value) portions.push([change]);
            else last.push(change);
          }
          return portions;
        }),
    }),
  );

function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  const text = [...members].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  return JSON.parse(`{${text}}`) as JsonObject;
}
