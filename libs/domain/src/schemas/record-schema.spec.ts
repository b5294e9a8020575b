import fc from 'fast-check';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { RecordSchema } from './record-schema.js';
import { schemaFaults } from './schema-faults.js';

const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
const nothing = () => undefined;

const schemaOf = (document: JsonObject, others: Record<string, JsonObject> = {}): RecordSchema =>
  new RecordSchema({
    id: 'https://ns.tessera.dev/t/schemas/1',
    document: { 'meta:class': PROFILE, ...document },
    lookup: (id) => others[id],
    identityFields: [],
  });
const person = schemaOf({
  title: 'Person',
  allOf: [{ $ref: PROFILE }, { $ref: '#/definitions/custom' }],
  definitions: {
    custom: {
      required: ['tier'],
      properties: {
        tier: { type: 'string', enum: ['gold', 'silver'] },
        points: { type: 'integer', minimum: 0 },
        since: { type: 'string', format: 'date' },
        seen: { type: 'string', format: 'date-time' },
        code: { type: 'string', pattern: '^[A-Z]{2}\\d+$' },
        tags: { type: 'array', uniqueItems: true, items: { type: 'string' } },
        parent: { $ref: '#/definitions/person' },
      },
    },
    person: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, parent: { $ref: '#/definitions/person' } },
    },
  },
});

describe('a record schema', () => {
  it('finds nothing wrong with a record of its form, whatever else the record has', () => {
    const record = {
      tier: 'gold',
      points: 7,
      since: '2024-02-29',
      seen: '2024-02-29T12:00:00+05:30',
      code: 'AB12',
      tags: ['a', 'b'],
      parent: { name: 'Ada', parent: { name: 'Byron' } },
      person: { name: { firstName: 'Ada' } },
      unknown: { anything: [1] },
    };
    expect(person.faults(record)).toEqual([]);
    expect(person.behavior).toBe('record');
    expect(person.classId).toBe(PROFILE);
  });

  it('tells every fault, each with its place', () => {
    const record = {
      points: -1.5,
      since: '2023-02-29',
      seen: '2024-02-29',
      code: 'x',
      tags: ['a', 'a', 1],
      parent: { parent: { name: 1 } },
      person: { name: { firstName: 5 } },
    };
    const faults = person.faults(record, { root: '/body/xdmEntity' });
    expect([...new Set(faults.map(({ path }) => path))].sort()).toEqual(
      [
        '/code',
        '/parent/name',
        '/parent/parent/name',
        '/person/name/firstName',
        '/points',
        '/seen',
        '/since',
        '/tags',
        '/tags/2',
        '/tier',
      ].map((path) => `/body/xdmEntity${path}`),
    );
    expect(faults).toContainEqual({ path: '/body/xdmEntity/tier', message: 'is required' });
  });

  it('repeats no value of a record in what it says', () => {
    expect(JSON.stringify(person.faults({ tier: 'secret-value', code: 'other-secret' }))).not.toMatch(/secret/);
  });

  it('asks a partial update for nothing it does not state, and lets null clear', () => {
    expect(person.faults({ points: 1 }, { partial: true })).toEqual([]);
    expect(person.faults({ tier: null, parent: { name: null } }, { partial: true })).toEqual([]);
    expect(person.faults({ tier: 'bronze' }, { partial: true })).toMatchObject([{ path: '/tier' }]);
    const list = schemaOf({
      title: 'List',
      properties: { homes: { type: 'array', items: { type: 'object', required: ['city'] } } },
      oneOf: [{ required: ['homes'] }, { required: ['flats'] }],
    });
    expect(list.faults({ homes: [{}] }, { partial: true })).toMatchObject([{ path: '/homes/0/city' }]);
    expect(list.faults({}, { partial: true })).toEqual([]);
    expect(list.faults({})).not.toEqual([]);
  });

  it('refers to other schemas of the sandbox', () => {
    const other = { $id: 'https://ns.tessera.dev/t/schemas/2', properties: { size: { type: 'integer' } } };
    const schema = schemaOf(
      { title: 'T', allOf: [{ $ref: other.$id }], properties: { also: { $ref: `${other.$id}#/properties/size` } } },
      { [other.$id]: other },
    );
    expect(
      schema
        .faults({ size: 'L', also: 'M' })
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/also', '/size']);
  });

  it('checks fields whose names mean something to JavaScript', () => {
    const properties = JSON.parse('{"constructor": {"type": "string"}, "toString": {"type": "integer"}}') as JsonObject;
    const schema = schemaOf({ title: 'T', properties });
    expect(schema.faults(JSON.parse('{"constructor": 1, "toString": 1, "__proto__": 1}') as JsonObject)).toMatchObject([
      { path: '/constructor' },
    ]);
    expect(schema.faults({})).toEqual([]);
  });
});

describe('a hostile schema', () => {
  const bad = (document: JsonObject) => schemaFaults({ title: 'T', type: 'object', ...document }, nothing);

  it('cannot make a pattern backtrack', () => {
    const schema = schemaOf({ title: 'T', properties: { a: { type: 'string', pattern: '^(a+)+$' } } });
    expect(schema.faults({ a: `${'a'.repeat(100_000)}!` })).toMatchObject([{ path: '/a' }]);
    expect(schema.faults({ a: 'a'.repeat(1_000) })).toEqual([]);
  });

  it.each(['(?=a)', '(?!a)', '(a)\\1', '(?<=a)b', '(', 'a{1001}', '((a{100}){100}){100}'])(
    'is refused with the pattern %j, and with its place',
    (pattern) => {
      const document = { definitions: { x: { properties: { a: { pattern } } } }, patternProperties: { [pattern]: {} } };
      expect(bad(document).map(({ path }) => path)).toEqual([
        `/patternProperties/${pattern.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        '/definitions/x/properties/a/pattern',
      ]);
    },
  );

  it('is refused where a reference leads nowhere or only back', () => {
    expect(
      bad({ properties: { a: { $ref: '#/definitions/none' }, b: { $ref: 'https://example.com/x' } } }),
    ).toMatchObject([{ path: '/properties/a/$ref' }, { path: '/properties/b/$ref' }]);
    expect(bad({ allOf: [{ $ref: '#' }] })).toMatchObject([{ path: '' }]);
    expect(
      bad({
        definitions: { a: { allOf: [{ $ref: '#/definitions/b' }] }, b: { anyOf: [{ $ref: '#/definitions/a' }] } },
      }),
    ).toHaveLength(1);
    expect(bad({ properties: { child: { $ref: '#' } } })).toEqual([]);
  });

  it('is refused where one value would be checked by too many schemas', () => {
    const definitions: JsonObject = {};
    for (let level = 0; level < 40; level += 1) {
      const next = { $ref: `#/definitions/d${level + 1}` };
      definitions[`d${level}`] = { anyOf: [next, next] };
    }
    definitions['d40'] = { type: 'object' };
    expect(bad({ definitions, allOf: [{ $ref: '#/definitions/d0' }] })).toHaveLength(1);
  });

  it('ends within its budget where schema and record fan out together', () => {
    const child = { $ref: '#/definitions/d' };
    const twice = { allOf: [{ properties: { a: child } }, { properties: { a: child } }] };
    let record: JsonObject = {};
    for (let level = 0; level < 30; level += 1) record = { a: record };
    const schema = schemaOf({ title: 'T', definitions: { d: twice }, ...twice });
    expect(schema.faults(record)).toMatchObject([
      { path: '', message: expect.stringContaining('too much work') as string },
    ]);
    expect(schema.faults({ a: {} })).toEqual([]);
  });

  it('is refused where it is no JSON Schema, with every fault', () => {
    const faults = bad({ properties: { a: { type: 'text' }, b: { minimum: '1' } }, required: 'a' });
    expect(faults.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/properties/a/type', '/properties/b/minimum', '/required']),
    );
    expect(bad({ type: 'array' })).toMatchObject([{ path: '/type' }]);
  });

  it('is refused with the faults of its sound parts too where others are malformed', () => {
    const paths = (document: JsonObject) => bad(document).map(({ path }) => path);
    const sound = {
      reference: { $ref: '#/definitions/none' },
      pattern: { type: 'string', pattern: '(?=a)' },
      inItems: { items: [{ $ref: 'https://example.com/x' }] },
      toMalformed: { $ref: '#/definitions/number' },
    };
    const faults = [
      '/properties/reference/$ref',
      '/properties/pattern/pattern',
      '/properties/inItems/items/0/$ref',
      '/type',
    ];
    const malformed: [JsonObject, string][] = [
      [{ properties: { ...sound, a: { type: 'zap' } } }, '/properties/a/type'],
      [{ properties: { ...sound, a: { items: 5 } } }, '/properties/a/items'],
      [{ properties: { ...sound, a: { required: [1, 'b'] } } }, '/properties/a/required/0'],
      [
        { properties: { ...sound, a: { allOf: [{ type: 'string' }, { minimum: 'x' }] } } },
        '/properties/a/allOf/1/minimum',
      ],
      [{ properties: { ...sound, a: 'text' } }, '/properties/a'],
      [{ properties: sound, minProperties: -1 }, '/minProperties'],
      [{ properties: { ...sound, properties: { properties: 5 } } }, '/properties/properties/properties'],
    ];
    for (const [document, path] of malformed) {
      const found = paths({ type: 'array', definitions: { number: {} }, ...document });
      expect(new Set(found)).toEqual(new Set([path, ...faults]));
    }
    expect(new Set(paths({ properties: sound, definitions: { number: 5 } }))).toEqual(
      new Set(['/definitions/number', ...faults.slice(0, 3)]),
    );
    const ofList = { list: { items: [{ type: 'zap' }] }, user: { $ref: '#/properties/list/items/0' } };
    expect(paths({ properties: ofList })).not.toContain('/properties/user/$ref');
  });

  it('is refused with the fault of one field whatever another one is', () => {
    const keyword = fc.constantFrom(
      ...['type', 'enum', 'const', 'pattern', 'required', 'properties', 'patternProperties', 'items', 'allOf', 'not'],
      ...['dependencies', 'definitions', 'additionalProperties', '$ref', 'minimum', 'uniqueItems', '__proto__', 'x'],
    );
    const field = fc.oneof(fc.jsonValue(), fc.dictionary(keyword, fc.jsonValue(), { maxKeys: 3 }));
    fc.assert(
      fc.property(field, (other) => {
        const properties = { other: JSON.parse(JSON.stringify(other)) as JsonValue, own: { pattern: '(?=a)' } };
        expect(bad({ properties }).map(({ path }) => path)).toContain('/properties/own/pattern');
      }),
    );
  });

  it('is refused where it nests too deep', () => {
    let node: JsonObject = { type: 'string' };
    for (let level = 0; level < 100; level += 1) node = { properties: { a: node } };
    expect(bad(node)).toHaveLength(1);
  });
});
