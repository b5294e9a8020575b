import fc from 'fast-check';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { additiveFaults } from './additive-change.js';
import { RecordSchema } from './record-schema.js';

const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
const version = (document: JsonObject) => ({
  document: { 'meta:class': PROFILE, ...document },
  lookup: () => undefined,
});
const between = (before: JsonObject, after: JsonObject) =>
  additiveFaults(version({ properties: { a: before } }), version({ properties: { a: after } }));

describe('a change of a schema that is in use', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['nothing', { type: 'string' }, { type: 'string' }],
    ['a title', { type: 'string' }, { type: 'string', title: 'A' }],
    ['a field', { type: 'object' }, { type: 'object', properties: { b: { type: 'string' } } }],
    ['a value to choose from', { enum: ['x'] }, { enum: ['y', 'x'] }],
    ['free choice', { enum: ['x'] }, {}],
    ['wider bounds', { minimum: 1, maxLength: 3 }, { minimum: 0, maxLength: 4 }],
    ['no bounds', { minimum: 1, pattern: 'x' }, {}],
    ['fewer required fields', { required: ['x', 'y'] }, { required: ['y'] }],
    ['a group of fields', { properties: { x: {} } }, { allOf: [{ properties: { x: {} } }, { properties: { y: {} } }] }],
    [
      'a known field to a closed object',
      { additionalProperties: false },
      { properties: { x: {} }, additionalProperties: false },
    ],
  ])('may add %s', (_name, before, after) => {
    expect(between(before, after)).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['take a field away', { properties: { b: {} } }, { properties: { c: {} } }, '/properties/b'],
    ['change a type', { type: 'integer' }, { type: 'number' }, ''],
    ['give a type', {}, { type: 'number' }, ''],
    ['change a format', { type: 'string', format: 'date' }, { type: 'string', format: 'date-time' }, ''],
    ['require', { properties: { b: {} } }, { properties: { b: {} }, required: ['b'] }, '/required'],
    ['narrow a bound', { maximum: 5 }, { maximum: 4 }, '/maximum'],
    ['set a bound', {}, { minLength: 1 }, '/minLength'],
    ['take a value away', { enum: ['x', 'y'] }, { enum: ['x'] }, '/enum'],
    ['limit values', {}, { const: 'x' }, '/enum'],
    ['set a pattern', {}, { pattern: 'x' }, ''],
    ['change a pattern', { pattern: 'x' }, { pattern: 'y' }, ''],
    ['close an object', {}, { additionalProperties: false }, '/additionalProperties'],
    ['change the items of an array', { items: { type: 'string' } }, { items: { type: 'integer' } }, '/items'],
    ['forbid by a part', {}, { allOf: [{ not: {} }] }, ''],
  ])('may not %s', (_name, before, after, path) => {
    expect(between(before, after)).toContainEqual({
      path: `/properties/a${path}`,
      message: expect.any(String) as string,
    });
  });

  it('is followed through references and through fields that contain themselves', () => {
    const tree = (leaf: JsonObject, also: JsonObject = {}): JsonObject => ({
      definitions: { node: { properties: { child: { $ref: '#/definitions/node' }, leaf, ...also } } },
      properties: { root: { $ref: '#/definitions/node' } },
    });
    const before = version(tree({ type: 'string' }));
    expect(additiveFaults(before, version(tree({ type: 'string' }, { more: { type: 'string' } })))).toEqual([]);
    expect(additiveFaults(before, version(tree({ type: 'integer' })))).toMatchObject([
      { path: expect.stringMatching(/^\/properties\/root.*\/properties\/leaf$/) as string },
    ]);
    const choice = (leaf: JsonObject) => version({ definitions: { leaf }, anyOf: [{ $ref: '#/definitions/leaf' }] });
    expect(additiveFaults(choice({}), choice({ required: ['x'] }))).toHaveLength(1);
  });

  const scalar = fc.oneof(
    fc.record({ type: fc.constant('string'), maxLength: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: ['type'] }),
    fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -2, max: 2 }) }, { requiredKeys: ['type'] }),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom('', 'a', 'ab', 1), { minLength: 1 }) }),
    fc.record({ type: fc.constant('string'), pattern: fc.constantFrom('a', 'b', '^a') }),
    fc.record({
      anyOf: fc.array(fc.constantFrom({ type: 'string' }, { minimum: 1 }, { const: 'a' }), { minLength: 1 }),
    }),
    fc.constant({}),
  );
  const { node } = fc.letrec<{ node: JsonObject }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar as fc.Arbitrary<JsonObject>,
      fc.record(
        {
          properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3 }),
          required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 1 }),
          additionalProperties: fc.oneof(fc.constant(false), tie('node')),
          allOf: fc.array(tie('node'), { maxLength: 2 }),
        },
        { requiredKeys: ['properties'] },
      ) as fc.Arbitrary<JsonObject>,
      fc.record({ type: fc.constant('array'), items: tie('node') }) as fc.Arbitrary<JsonObject>,
    ),
  }));
  const value = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<JsonValue>('', 'a', 'ab', 'b', 0, 1, 2, true),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
      fc.array(tie('value'), { maxLength: 2 }),
    ),
  })).value;

  /** The slow way to see whether a record states only what a schema speaks of. */
  const speaksOf = (schema: JsonObject, given: JsonValue): boolean => {
    const parts = (part: JsonObject): JsonObject[] => [part, ...((part['allOf'] ?? []) as JsonObject[]).flatMap(parts)];
    if (Array.isArray(given)) {
      const items = parts(schema).flatMap(({ items }) => (items === undefined ? [] : [items as JsonObject]));
      return given.every((item) => items.length > 0 && speaksOf({ allOf: items }, item));
    }
    if (typeof given !== 'object' || given === null) return true;
    return Object.entries(given).every(([key, below]) => {
      const fields = parts(schema)
        .map(({ properties }) => (properties as JsonObject | undefined)?.[key])
        .filter((field) => field !== undefined);
      return fields.length > 0 && speaksOf({ allOf: fields }, below);
    });
  };
  const recordSchema = (a: JsonObject): RecordSchema =>
    new RecordSchema({ id: 'x', ...version({ properties: { a } }), identityFields: [] });

  it('that is found to add only keeps every record of known fields valid', () => {
    let tried = 0;
    const change = fc.oneof(node, fc.constant(undefined));
    fc.assert(
      fc.property(
        node,
        change,
        change,
        fc.array(value, { minLength: 20, maxLength: 20 }),
        (before, other, more, values) => {
          const grown =
            more === undefined
              ? before
              : { ...before, properties: { d: more, ...(before['properties'] as JsonObject | undefined) } };
          const after = other ?? grown;
          if (between(before, after).length > 0) return;
          const [old, next] = [recordSchema(before), recordSchema(after)];
          for (const a of values) {
            if (!speaksOf(before, a) || old.faults({ a }).length > 0) continue;
            tried += 1;
            expect(next.faults({ a })).toEqual([]);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(tried).toBeGreaterThan(100);
  });

  it('to itself adds only', () => {
    fc.assert(
      fc.property(node, (same) => expect(between(same, structuredClone(same))).toEqual([])),
      { numRuns: 300 },
    );
  });
});
