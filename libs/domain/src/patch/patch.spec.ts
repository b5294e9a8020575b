import fc from 'fast-check';
import type { JsonValue } from '@tessera/contracts';
import { applyJsonPatch, type PatchOperation } from './json-patch.js';
import { mergePatch } from './merge-patch.js';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const patched = (document: JsonValue, ...operations: PatchOperation[]): unknown => {
  const result = applyJsonPatch(document, operations);
  return result.ok ? json(result.document) : result;
};

describe('JSON Patch', () => {
  it.each<[string, JsonValue, PatchOperation, unknown]>([
    ['adds a key', { a: 1 }, { op: 'add', path: '/b', value: 2 }, { a: 1, b: 2 }],
    ['adds over a key', { a: 1 }, { op: 'add', path: '/a', value: null }, { a: null }],
    ['inserts into an array', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
    ['appends to an array', { a: [1] }, { op: 'add', path: '/a/-', value: [2] }, { a: [1, [2]] }],
    ['replaces the document', { a: 1 }, { op: 'add', path: '', value: 7 }, 7],
    ['removes a key', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['removes an item', { a: [1, 2, 3] }, { op: 'remove', path: '/a/1' }, { a: [1, 3] }],
    ['replaces deep down', { a: [{ b: 1 }] }, { op: 'replace', path: '/a/0/b', value: 2 }, { a: [{ b: 2 }] }],
    ['moves', { a: { b: 1 }, c: {} }, { op: 'move', from: '/a/b', path: '/c/d' }, { a: {}, c: { d: 1 } }],
    ['moves within an array', [1, 2, 3], { op: 'move', from: '/0', path: '/2' }, [2, 3, 1]],
    ['copies', { a: 1 }, { op: 'copy', from: '/a', path: '/b' }, { a: 1, b: 1 }],
    ['reads escaped keys', { 'a/b': { 'c~1': 1 } }, { op: 'remove', path: '/a~1b/c~01' }, { 'a/b': {} }],
    [
      'tests whatever the order of keys',
      { a: { b: 1, c: 2 } },
      { op: 'test', path: '/a', value: { c: 2, b: 1 } },
      { a: { b: 1, c: 2 } },
    ],
  ])('%s', (_name, document, operation, expected) => {
    expect(patched(document, operation)).toEqual(expected);
  });

  it.each<[string, JsonValue, PatchOperation]>([
    ['a missing parent', {}, { op: 'add', path: '/a/b', value: 1 }],
    ['a scalar parent', { a: 1 }, { op: 'add', path: '/a/b', value: 1 }],
    ['a missing key', {}, { op: 'remove', path: '/a' }],
    ['a key only a prototype has', {}, { op: 'replace', path: '/constructor', value: 1 }],
    ['an index past the end', [1], { op: 'add', path: '/2', value: 1 }],
    ['an index with a leading zero', [1, 2], { op: 'remove', path: '/01' }],
    ['a failed test', { a: 1 }, { op: 'test', path: '/a', value: 2 }],
    ['an absent value', {}, { op: 'add', path: '/a' }],
    ['an absent from', {}, { op: 'copy', path: '/a' }],
    ['a move into itself', { a: {} }, { op: 'move', from: '/a', path: '/a/b' }],
    ['a path that is no pointer', {}, { op: 'add', path: 'a', value: 1 }],
    ['an escape that there is not', {}, { op: 'add', path: '/~2', value: 1 }],
    ['an escape that ends early', { 'a~': 1 }, { op: 'remove', path: '/a~' }],
    ['such an escape in a from', { '~2': 1 }, { op: 'move', from: '/~2', path: '/b' }],
    ['removing everything', {}, { op: 'remove', path: '' }],
  ])('refuses %s, and says which operation it was', (_name, document, operation) => {
    const first: PatchOperation = { op: 'test', path: '', value: document };
    expect(patched(document, first, operation)).toMatchObject({ ok: false, index: 1 });
  });

  it.each<[string, boolean, PatchOperation]>([
    ['another value', true, { op: 'test', path: '/a', value: 2 }],
    ['no value', true, { op: 'test', path: '/b', value: 2 }],
    ['nothing to compare with', false, { op: 'test', path: '/a' }],
    ['a path that is no pointer', false, { op: 'test', path: '/~2', value: 1 }],
    ['no place in an operation that is no test', false, { op: 'remove', path: '/b' }],
  ])('tells a conflict from a fault: %s', (_name, isConflict, operation) => {
    expect(patched({ a: 1 }, operation)).toMatchObject({ ok: false, isConflict });
  });

  it('keeps keys that JavaScript gives a meaning as plain data', () => {
    const document = JSON.parse('{"__proto__":{"a":1}}') as JsonValue;
    const result = applyJsonPatch(document, [{ op: 'add', path: '/__proto__/b', value: 2 }]);
    expect(JSON.stringify(result.ok && result.document)).toBe('{"__proto__":{"a":1,"b":2}}');
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });

  it('stops copies that double the document before it is large', () => {
    const double: PatchOperation[] = Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '', path: `/k${n}` }));
    expect(applyJsonPatch({ a: 'x' }, double)).toMatchObject({ ok: false });
  });

  it('leaves what it is given as it was', () => {
    const document = { a: { b: [1] } };
    expect(patched(document, { op: 'add', path: '/a/b/-', value: 2 })).toEqual({ a: { b: [1, 2] } });
    expect(document).toEqual({ a: { b: [1] } });
  });
});

describe('merge patch', () => {
  // Appendix A of RFC 7396.
  it.each<[JsonValue, JsonValue, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('turns %j by %j into %j', (target, patch, expected) => {
    expect(json(mergePatch(target, patch))).toEqual(expected);
  });

  it('changes nothing when applied twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        const once = mergePatch(target as JsonValue, patch as JsonValue);
        expect(JSON.stringify(mergePatch(once, patch as JsonValue))).toBe(JSON.stringify(once));
      }),
    );
  });

  it('keeps keys that JavaScript gives a meaning as plain data', () => {
    const merged = mergePatch({ a: 1 }, JSON.parse('{"__proto__":{"b":2}}') as JsonValue);
    expect(JSON.stringify(merged)).toBe('{"a":1,"__proto__":{"b":2}}');
  });
});
