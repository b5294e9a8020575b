import type { JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { canonicalJson, compareText, sortTexts } from './canonical-json.js';

describe('canonicalJson', () => {
  it('says the same value', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.parse(canonicalJson(JSON.parse(json) as JsonValue))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('does not depend on the order of keys, at any depth', () => {
    const one = '{"b":[{"y":1,"x":{"d":1,"c":2}}],"a":null,"__proto__":{"q":1,"p":2}}';
    const other = '{"__proto__":{"p":2,"q":1},"a":null,"b":[{"x":{"c":2,"d":1},"y":1}]}';
    expect(canonicalJson(JSON.parse(one) as JsonValue)).toBe(canonicalJson(JSON.parse(other) as JsonValue));
    expect(canonicalJson(JSON.parse(one) as JsonValue)).toBe(
      '{"__proto__":{"p":2,"q":1},"a":null,"b":[{"x":{"c":2,"d":1},"y":1}]}',
    );
  });
});

describe('sortTexts', () => {
  it('orders any texts by their code units, as the engine does', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 40 }), (texts) => {
        expect(sortTexts([...texts])).toEqual(texts.toSorted(compareText));
      }),
    );
  });
});
