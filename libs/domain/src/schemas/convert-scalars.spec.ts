import fc from 'fast-check';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { convertScalars } from './convert-scalars.js';
import { RecordSchema } from './record-schema.js';

const types: Readonly<Record<string, JsonObject>> = {
  text: { type: 'string' },
  whole: { type: 'integer' },
  number: { type: 'number' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'date-time' },
  flag: { type: 'boolean' },
  either: { type: ['string', 'number'] },
  free: {},
};
const schema = new RecordSchema({
  id: 'x',
  document: {
    'meta:class': 'https://ns.adobe.com/xdm/context/profile',
    properties: {
      ...types,
      deep: { type: 'object', properties: types },
      list: { type: 'array', items: { type: 'integer' } },
      map: { type: 'object', additionalProperties: { type: 'number' } },
    },
  },
  lookup: () => undefined,
  identityFields: [],
});
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('converting scalars', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['whole', '42', 42],
    ['whole', '-007', -7],
    ['whole', '4.0', 4],
    ['whole', '1e3', 1000],
    ['number', '4.25', 4.25],
    ['text', 42, '42'],
    ['text', -1.5, '-1.5'],
    ['date', 1_714_521_600_000, '2024-05-01'],
    ['date', '1714521600000', '2024-05-01'],
    ['date', '2678400000', '1970-02-01'],
    ['date', '-86400000', '1969-12-31'],
    ['date', '2024-05-01 00:00:00', '2024-05-01'],
    ['date', '2024-05-01T00:00:00Z', '2024-05-01'],
    ['time', 1_714_521_600_001, '2024-05-01T00:00:00.001Z'],
    ['time', '1714521600001', '2024-05-01T00:00:00.001Z'],
    ['time', '2024-05-01', '2024-05-01T00:00:00.000Z'],
    ['time', '2024-05-01 10:30:00', '2024-05-01T10:30:00.000Z'],
  ])('makes of %s %j %j', (field, value, expected) => {
    expect(plain(convertScalars({ [field]: value }, schema))).toEqual({ [field]: expected });
    expect(plain(convertScalars({ deep: { [field]: value } }, schema))).toEqual({ deep: { [field]: expected } });
    expect(schema.faults(convertScalars({ [field]: value }, schema))).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ['whole', '4.5'],
    ['whole', '9007199254740993'],
    ['whole', ''],
    ['whole', ' 4'],
    ['whole', 'four'],
    ['whole', '0x10'],
    ['number', 'NaN'],
    ['number', '1e999'],
    ['number', true],
    ['text', true],
    ['text', null],
    ['text', 9_007_199_254_740_992],
    ['text', Infinity],
    ['date', '20240501'],
    ['flag', 'true'],
    ['flag', 1],
    ['date', '2024-05-01T10:00:00Z'],
    ['date', 'yesterday'],
    ['time', '2024-05-01T10:00:00+05:30'],
    ['time', '2024-13-01'],
    ['either', '5'],
    ['either', 5],
    ['free', '5'],
    ['unknown', '5'],
  ])('leaves %s %j as it is', (field, value) => {
    const record = { [field]: value };
    expect(convertScalars(record, schema)).toBe(record);
  });

  it('makes texts of identities, as every record may have an identity map', () => {
    const identityMap = { CRMID: [{ id: 123, primary: true }] };
    expect(plain(convertScalars({ identityMap }, schema))).toEqual({
      identityMap: { CRMID: [{ id: '123', primary: true }] },
    });
  });

  it.each<[string, JsonValue, string]>([
    ['flag', 'true', 'must be of type boolean, not string'],
    ['flag', 1, 'must be of type boolean, not number'],
    ['whole', '4.5', 'must be of type integer, not string'],
    ['whole', null, 'must be of type integer, not null'],
    ['list', {}, 'must be of type array, not object'],
    ['deep', [], 'must be of type object, not array'],
  ])('leaves it to the check to say what %s %j is, and what it must be', (field, value, message) => {
    expect(schema.faults(convertScalars({ [field]: value }, schema))).toEqual([{ path: `/${field}`, message }]);
  });

  it('reaches items of arrays and values of maps', () => {
    expect(plain(convertScalars({ list: ['1', 2, 'x'], map: { any: '1.5' } }, schema))).toEqual({
      list: [1, 2, 'x'],
      map: { any: 1.5 },
    });
  });

  const scalar = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.maxSafeInteger().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
    fc.date({ noInvalidDate: true }).map((date) => `${date.toISOString().slice(0, 10)} 00:00:00`),
    fc.boolean(),
    fc.constant(null),
  );
  const fields = fc.record(Object.fromEntries(Object.keys(types).map((name) => [name, scalar])), { requiredKeys: [] });

  it('changes nothing the second time, nor what the schema takes already', () => {
    fc.assert(
      fc.property(fields, fields, (top, deep) => {
        const record = { ...top, deep } as JsonObject;
        const once = convertScalars(record, schema);
        expect(convertScalars(once, schema)).toBe(once);
        for (const field of Object.keys(top)) {
          const value = (top as JsonObject)[field] as JsonValue;
          if (schema.faults({ [field]: value }).length === 0 && field !== 'time') expect(once[field]).toBe(value);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never makes a fault where there was none', () => {
    fc.assert(
      fc.property(fields, (record) => {
        const paths = (value: JsonObject) => new Set(schema.faults(value).map(({ path }) => path));
        const before = paths(record as JsonObject);
        for (const path of paths(convertScalars(record as JsonObject, schema))) expect(before).toContain(path);
      }),
      { numRuns: 500 },
    );
  });
});
