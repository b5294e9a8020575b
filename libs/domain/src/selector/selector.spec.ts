import type { JsonObject } from '@tessera/contracts';
import fc from 'fast-check';
import { parseSelector } from './parse-selector.js';
import { select } from './select.js';
import { SelectorError } from './selector.js';
import { expanded, referenceSelect } from './selector.reference.js';

const entity = (json: string): JsonObject => JSON.parse(json) as JsonObject;
const selected = (selector: string, json: string): string =>
  JSON.stringify(select(parseSelector(selector), entity(json)));

function faultOf(selector: string): string {
  try {
    parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return error.message;
    throw error;
  }
  throw new Error(`${selector} was read`);
}

const names = ['a', 'b', 'c', '__proto__', 'constructor', '$where', '1', 'é'];
const name = fc.constantFrom(...names);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.'));
const anySelector: fc.Arbitrary<string> = fc.letrec<{ selector: string; field: string }>((tie) => ({
  selector: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map((fields) => fields.join(',')),
  field: fc.oneof(
    { depthSize: 'small' },
    path,
    fc.tuple(path, tie('selector')).map(([parent, below]) => `${parent}(${below})`),
  ),
})).selector;
const anyJson: fc.Arbitrary<string> = fc.letrec<{ object: string; value: string }>((tie) => ({
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom('1', '"text"', 'null', 'false', '[]', '{}'),
    fc.array(tie('value'), { maxLength: 3 }).map((elements) => `[${elements.join(',')}]`),
    tie('object'),
  ),
})).object;

describe('select, for any selector and entity', () => {
  it('gives what the slow reference gives', () => {
    fc.assert(
      fc.property(anySelector, anyJson, (selector, json) => {
        expect(selected(selector, json)).toBe(JSON.stringify(referenceSelect(expanded(selector), entity(json))));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not change when the selector is written out as plain paths, or in another order', () => {
    fc.assert(
      fc.property(anySelector, anyJson, (selector, json) => {
        const paths = expanded(selector).map((steps) => steps.join('.'));
        expect(selected(paths.join(','), json)).toBe(selected(selector, json));
        expect(selected(paths.toReversed().join(','), json)).toBe(selected(selector, json));
      }),
    );
  });

  it('selects from what it selected the same again', () => {
    fc.assert(
      fc.property(anySelector, anyJson, (selector, json) => {
        const once = selected(selector, json);
        expect(selected(selector, once)).toBe(once);
      }),
    );
  });
});

describe('select', () => {
  it('selects whole subtrees and keeps their parents bare', () => {
    const json = '{"emails":["x"],"person":{"name":{"firstName":"Ada","lastName":"L"},"born":1815},"other":1}';
    expect(selected('emails,person(name.firstName)', json)).toBe(
      '{"emails":["x"],"person":{"name":{"firstName":"Ada"}}}',
    );
    expect(selected('person.name', json)).toBe('{"person":{"name":{"firstName":"Ada","lastName":"L"}}}');
  });

  it('applies to every element of an array, and of arrays in it', () => {
    const json =
      '{"addresses":[{"type":"home","city":{"country":"UK","zip":1}},{"type":"work"},[{"type":"x","zip":2}]]}';
    expect(selected('addresses(type,city.country)', json)).toBe(
      '{"addresses":[{"type":"home","city":{"country":"UK"}},{"type":"work"},[{"type":"x"}]]}',
    );
  });

  it('keeps elements bare where their neighbours have the field, and leaves out those without fields', () => {
    expect(selected('list.x', '{"list":[{"y":1},{"x":2},7,"x",null,[]]}')).toBe('{"list":[{},{"x":2},[]]}');
  });

  it('selects nothing, not even parents, for unknown paths', () => {
    expect(selected('gone,a.gone,a.b.gone,list.gone', '{"a":{"b":1},"list":[{"x":1},2]}')).toBe('{}');
  });

  it('selects values that are null or empty when they are named', () => {
    expect(selected('a,b,c', '{"a":null,"b":{},"c":[]}')).toBe('{"a":null,"b":{},"c":[]}');
  });

  it('lets a selected parent swallow its children, whichever is named first', () => {
    const json = '{"a":{"b":1,"c":2}}';
    expect(selected('a,a.b', json)).toBe(json);
    expect(selected('a(b),a', json)).toBe(json);
  });

  it('takes names that objects inherit as names', () => {
    const json = '{"__proto__":{"x":1,"y":2},"a":1}';
    expect(selected('__proto__.x', json)).toBe('{"__proto__":{"x":1}}');
    expect(selected('constructor.name,toString,__proto__', '{"a":1}')).toBe('{}');
  });
});

describe('parseSelector', () => {
  it('takes any character but the signs of the grammar, white space and control characters in a name', () => {
    const json = '{"_tessera":{"@id":1,"xdm:x-y/z":2,"名前":3,"$*[]\\"\'=":4,"🙂":5}}';
    expect(selected('_tessera(@id,xdm:x-y/z,名前,$*[]"\'=,🙂)', json)).toBe(json);
  });

  it('names the column of a fault and what to do', () => {
    const faults = {
      '': 'column 1: the selector is empty; name at least one field',
      ',a': 'column 1: the name of a field is expected, not ","',
      'a,': 'column 3: the name of a field is expected, but the selector ends',
      'a..b': 'column 3: the name of a field is expected, not "."',
      'a.': 'column 3: the name of a field is expected, but the selector ends',
      'a, b': 'column 3: the name of a field is expected, not white space',
      'a b': 'column 2: "," between fields is expected, not white space',
      'a\u0000': 'column 2: "," between fields is expected, not "\\u0000"',
      'a()': 'column 3: the name of a field is expected, not ")"',
      'a(b': 'column 4: the parenthesis opened at column 2 is not closed',
      'a(b,c(d)': 'column 9: the parenthesis opened at column 2 is not closed',
      'a(b))': 'column 5: this parenthesis closes none; remove it',
      'a)': 'column 2: this parenthesis closes none; remove it',
      'a(b)c': 'column 5: "," between fields is expected, not "c"',
      'a(b).c': 'column 5: "," between fields is expected, not "."',
      'a(b)(c)': 'column 5: "," between fields is expected, not "("',
      '(a)': 'column 1: the name of a field is expected, not "("',
    };
    for (const [selector, fault] of Object.entries(faults)) expect(faultOf(selector)).toBe(fault);
  });

  it('bounds nesting and length', () => {
    const deepest = Array.from({ length: 64 }, () => 'a').join('.');
    expect(() => parseSelector(deepest)).not.toThrow();
    expect(() => parseSelector(deepest.replaceAll('.', '(') + ')'.repeat(63))).not.toThrow();
    expect(faultOf(`${deepest}.a`)).toBe('column 129: fields nest at most 64 deep');
    expect(faultOf('a('.repeat(9_000))).toBe('column 129: fields nest at most 64 deep');
    expect(() => parseSelector('a'.repeat(20_000))).not.toThrow();
    expect(faultOf('a'.repeat(20_001))).toMatch(/^column 20001: the selector is longer than 20000 characters/);
  });

  it('reads any text or refuses it as a selector, in no other way', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', ',', '(', ')', ' ', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(text, (selector) => {
        const wellFormed = isWellFormed(selector);
        if (wellFormed) expect(parseSelector(selector).fields.size).toBeGreaterThan(0);
        else expect(() => parseSelector(selector)).toThrow(SelectorError);
      }),
      { numRuns: 300 },
    );
  });
});

/** The grammar by rewriting: a field in its simplest forms becomes `a`, fields become one, until nothing changes. */
function isWellFormed(selector: string): boolean {
  let text = selector.replace(/[ab]+/g, 'a');
  for (let before = ''; before !== text;) {
    before = text;
    text = text
      .replace(/a(\.a)+/g, 'a')
      .replace(/a\(a(,a)*\)(?![.(a])/g, 'A')
      .replace(/(^|[(,])A(?=[,)]|$)/g, '$1a');
  }
  return /^a(,a)*$/.test(text);
}
