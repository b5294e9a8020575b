import type { JsonObject, JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { matchesPropertyFilters } from './match-property-filter.js';
import { parsePropertyFilter, parsePropertyFilters } from './parse-property-filter.js';
import { PropertyFilterError } from './property-filter.js';

const matches = (json: string, ...filters: string[]): boolean =>
  matchesPropertyFilters(parsePropertyFilters(filters), JSON.parse(json) as JsonObject);

function faultOf(...filters: string[]): string {
  try {
    parsePropertyFilters(filters);
  } catch (error) {
    if (error instanceof PropertyFilterError) return error.message;
    throw error;
  }
  throw new Error(`${filters.join(' ')} was read`);
}

/** Which of the six operators match, in a fixed order. */
const operatorsThatMatch = (json: string, path: string, value: string): string =>
  ['=', '!=', '<', '<=', '>', '>='].filter((operator) => matches(json, `${path}${operator}${value}`)).join(' ');

const less = '!= < <=';
const equal = '= <= >=';
const greater = '!= > >=';
const differs = '!=';
const nothing = '';

describe('parsePropertyFilter', () => {
  it('reads a path, an operator and a value', () => {
    expect(parsePropertyFilter('commerce.order.priceTotal>=10')).toEqual({
      path: ['commerce', 'order', 'priceTotal'],
      operator: '>=',
      value: 10,
    });
  });

  it('tells numbers, booleans, quoted and bare text apart', () => {
    const values: Record<string, string | number | boolean> = {
      '-1.5e3': -1500,
      '0': 0,
      '007': '007',
      '+1': '+1',
      '1.': '1.',
      Infinity: 'Infinity',
      true: true,
      false: false,
      True: 'True',
      '"5"': '5',
      "'true'": 'true',
      '""': '',
      'a=b': 'a=b',
      'two words': 'two words',
      '2026-01-02': '2026-01-02',
      '"say \\"hi\\" \\\\ \'now\'"': 'say "hi" \\ \'now\'',
      "'it\\'s'": "it's",
      null: 'null',
    };
    for (const [text, value] of Object.entries(values)) expect(parsePropertyFilter(`a=${text}`).value).toBe(value);
  });

  it('reads back any text that is quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('"', "'"), (value, quote) => {
        const escaped = value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
        expect(parsePropertyFilter(`a=${quote}${escaped}${quote}`).value).toBe(value);
      }),
    );
  });

  it('says what is wrong and what to do', () => {
    expect(faultOf('a')).toBe('no operator; write <path><op><value> with one of = != < <= > >=');
    expect(faultOf('a!b')).toMatch(/^no operator/);
    expect(faultOf('')).toMatch(/^no operator/);
    expect(faultOf('=1')).toBe('no path before the operator; name a field, as in a.b=1');
    expect(faultOf('a..b=1')).toBe('the path "a..b" has an empty name between its dots');
    expect(faultOf('a =1')).toMatch(/^the path "a " has white space/);
    expect(faultOf('a(b)=1')).toMatch(/^the path "a\(b\)" has white space, a comma, a parenthesis/);
    expect(faultOf('a=')).toBe('no value after the operator; write "" to mean empty text');
    expect(faultOf('a==1')).toMatch(/^a value cannot begin with "=" unless it is quoted/);
    expect(faultOf('a<>1')).toMatch(/^a value cannot begin with ">"/);
    expect(faultOf('a= 1')).toMatch(/^a value cannot begin with " "/);
    expect(faultOf('a="b')).toBe('the quote " is not closed');
    expect(faultOf("a='b\\'")).toBe("the quote ' is not closed");
    expect(faultOf('a="b"c')).toBe('text after the closing quote; to have a " in a value, write \\"');
    expect(faultOf('a<true')).toBe('true has no order; compare it with = or !=, or quote it to mean text');
    expect(faultOf('a=1e999')).toBe('1e999 is too large a number; quote it to mean text');
    expect(faultOf(`a=${'b'.repeat(4_000)}`)).toBe('the filter is longer than 4000 characters');
  });

  it('takes at most three filters', () => {
    expect(parsePropertyFilters(['a=1', 'b=2', 'c=3'])).toHaveLength(3);
    expect(faultOf('a=1', 'b=2', 'c=3', 'd=4')).toBe('at most 3 property filters are taken, not 4');
  });
});

describe('matchesPropertyFilters', () => {
  it('compares numbers with numbers', () => {
    expect(operatorsThatMatch('{"a":9}', 'a', '10')).toBe(less);
    expect(operatorsThatMatch('{"a":1e1}', 'a', '10.0')).toBe(equal);
    expect(operatorsThatMatch('{"a":10.5}', 'a', '10')).toBe(greater);
  });

  it('compares texts by code units, so neither as numbers nor without regard to case', () => {
    expect(operatorsThatMatch('{"a":"9"}', 'a', '"10"')).toBe(greater);
    expect(operatorsThatMatch('{"a":"Web"}', 'a', 'web')).toBe(less);
    expect(operatorsThatMatch('{"a":"web"}', 'a', "'web'")).toBe(equal);
  });

  it('compares dates as instants, quoted or bare, wherever both are dates', () => {
    const event = '{"timestamp":"2026-01-02T01:00:00.000+02:00"}';
    expect(operatorsThatMatch(event, 'timestamp', '2026-01-01T23:00:00Z')).toBe(equal);
    expect(operatorsThatMatch(event, 'timestamp', '"2026-01-01T23:00:00Z"')).toBe(equal);
    expect(operatorsThatMatch(event, 'timestamp', '2026-01-02')).toBe(less);
    expect(operatorsThatMatch(event, 'timestamp', '2026-01-01')).toBe(greater);
  });

  it('compares a date with other text as text', () => {
    expect(operatorsThatMatch('{"a":"soon"}', 'a', '2026-01-01')).toBe(greater);
    expect(operatorsThatMatch('{"a":"2026-01-01"}', 'a', 'soon')).toBe(less);
    expect(operatorsThatMatch('{"a":"2026-02-30"}', 'a', '2026-03-01')).toBe(less);
  });

  it('takes booleans as equal or not', () => {
    expect(matches('{"a":true}', 'a=true')).toBe(true);
    expect(matches('{"a":true}', 'a!=true')).toBe(false);
    expect(matches('{"a":false}', 'a=true')).toBe(false);
    expect(matches('{"a":false}', 'a!=true')).toBe(true);
  });

  it('takes values of different kinds as different and without order', () => {
    expect(operatorsThatMatch('{"a":"5"}', 'a', '5')).toBe(differs);
    expect(operatorsThatMatch('{"a":5}', 'a', '"5"')).toBe(differs);
    expect(operatorsThatMatch('{"a":true}', 'a', '1')).toBe(differs);
    expect(operatorsThatMatch('{"a":1767225600000}', 'a', '2026-01-01')).toBe(differs);
    expect(matches('{"a":"true"}', 'a=true')).toBe(false);
    expect(matches('{"a":1}', 'a!=true')).toBe(true);
  });

  it('matches nothing where the field is missing, null, or no value, != included', () => {
    for (const event of ['{}', '{"a":null}', '{"a":{}}', '{"a":{"c":1}}', '{"a":{"b":null}}', '{"a":{"b":{"c":1}}}'])
      expect(operatorsThatMatch(event, 'a.b', '1')).toBe(nothing);
    for (const event of ['{"a":1}', '{"a":[]}', '{"a":[1,null,{"c":1}]}'])
      expect(operatorsThatMatch(event, 'a.b', '1')).toBe(nothing);
  });

  it('matches when any element of an array does, at any depth', () => {
    expect(operatorsThatMatch('{"a":[1,3]}', 'a', '2')).toBe('!= < <= > >=');
    expect(operatorsThatMatch('{"a":[[2]]}', 'a', '2')).toBe(equal);
    const items = '{"items":[{"sku":"A","tags":["x","y"]},{"sku":"B"},7]}';
    expect(matches(items, 'items.sku=B')).toBe(true);
    expect(matches(items, 'items.tags=y')).toBe(true);
    expect(matches(items, 'items.sku=C')).toBe(false);
    expect(matches(items, 'items.sku!=A')).toBe(true);
  });

  it('joins filters by AND, each free to match another element', () => {
    const items = '{"items":[{"sku":"A","n":1},{"sku":"B","n":2}]}';
    expect(matches(items, 'items.sku=A', 'items.n=2')).toBe(true);
    expect(matches(items, 'items.sku=A', 'items.n=3')).toBe(false);
    expect(matches(items)).toBe(true);
  });

  it('does not see what objects inherit', () => {
    expect(matches('{}', 'constructor!=x')).toBe(false);
    expect(matches('{}', '__proto__.constructor!=x')).toBe(false);
    expect(matches('{"a":"text"}', 'a.length=4')).toBe(false);
    expect(matches('{"__proto__":{"a":1}}', '__proto__.a=1')).toBe(true);
  });

  it('agrees with JavaScript on numbers, and never matches both = and !=, for any value', () => {
    const value: fc.Arbitrary<JsonValue> = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('x', true, null));
    fc.assert(
      fc.property(value, fc.integer({ min: -2, max: 2 }), (found, wanted) => {
        const event = JSON.stringify({ a: found });
        const number = typeof found === 'number';
        expect(matches(event, `a=${wanted}`)).toBe(found === wanted);
        expect(matches(event, `a!=${wanted}`)).toBe(found !== null && found !== wanted);
        expect(matches(event, `a<${wanted}`)).toBe(number && found < wanted);
        expect(matches(event, `a>=${wanted}`)).toBe(number && found >= wanted);
      }),
    );
  });
});
