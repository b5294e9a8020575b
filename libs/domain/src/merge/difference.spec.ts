import type { JsonObject, JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { differenceOf } from './difference.js';
import { pointerNames } from './field-path.js';
import { anyAttributeMerge, anyFragments } from './fragments.arbitrary.js';
import { mergeFragments } from './merge.js';

const parse = (json: string): JsonObject => JSON.parse(json) as JsonObject;

/** What `before` becomes by its differences; objects that lose their last field go. */
function applied(before: JsonObject, after: JsonObject): JsonObject {
  const changes = new Map(differenceOf(before, after).map((each) => [each.pointer, each]));
  const rebuild = (value: JsonValue | undefined, at: string): JsonValue | undefined => {
    const change = changes.get(at);
    if (change !== undefined) return change.kind === 'removed' ? undefined : change.after;
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) return value;
    const names = new Set(Object.keys(value ?? {}));
    for (const pointer of changes.keys())
      if (pointer.startsWith(`${at}/`)) names.add(pointerNames(pointer)[pointerNames(at).length] as string);
    const object = Object.create(null) as JsonObject;
    for (const name of names) {
      const own = value !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;
      const below = rebuild(own, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      if (below !== undefined) object[name] = below;
    }
    return Object.keys(object).length === 0 ? undefined : object;
  };
  return (rebuild(before, '') ?? {}) as JsonObject;
}

describe('differenceOf', () => {
  it('turns any profile into any other when applied to it', () => {
    const profile = fc
      .tuple(anyFragments, anyAttributeMerge)
      .map(([all, policy]) => mergeFragments(all, policy).entity);
    fc.assert(
      fc.property(profile, profile, (before, after) => {
        expect(canonicalJson(applied(before, after))).toBe(canonicalJson(after));
      }),
      { numRuns: 300 },
    );
  });

  it('finds nothing between a profile and itself, whatever the order of its keys', () => {
    expect(
      differenceOf(parse('{"a":{"b":1,"c":[{"x":1,"y":2}]}}'), parse('{"a":{"c":[{"y":2,"x":1}],"b":1}}')),
    ).toEqual([]);
  });

  it('tells added, removed and changed fields, sorted by name, with both ways to name them', () => {
    const before = parse('{"p":{"gone":{"x":1},"same":0},"list":[1,2],"a/b":1}');
    const after = parse('{"p":{"new":{"y":true},"same":0},"list":[2,1],"a/b":2}');
    expect(differenceOf(before, after)).toEqual([
      { kind: 'changed', pointer: '/a~1b', path: 'a/b', before: 1, after: 2 },
      { kind: 'changed', pointer: '/list', path: 'list', before: [1, 2], after: [2, 1] },
      { kind: 'removed', pointer: '/p/gone/x', path: 'p.gone.x', before: 1 },
      { kind: 'added', pointer: '/p/new/y', path: 'p.new.y', after: true },
    ]);
  });

  it('gives an object whole where the other side has none', () => {
    expect(differenceOf(parse('{"a":{"b":1}}'), parse('{"a":"text"}'))).toEqual([
      { kind: 'changed', pointer: '/a', path: 'a', before: { b: 1 }, after: 'text' },
    ]);
  });

  it('takes an object without fields as absent', () => {
    expect(differenceOf(parse('{"a":{"b":{}}}'), parse('{}'))).toEqual([]);
    expect(differenceOf(parse('{"a":{}}'), parse('{"a":1}'))).toEqual([
      { kind: 'added', pointer: '/a', path: 'a', after: 1 },
    ]);
  });

  it('sees fields that objects inherit elsewhere', () => {
    expect(differenceOf(parse('{"x":1}'), parse('{"x":1,"__proto__":1,"constructor":2}'))).toEqual([
      { kind: 'added', pointer: '/__proto__', path: '__proto__', after: 1 },
      { kind: 'added', pointer: '/constructor', path: 'constructor', after: 2 },
    ]);
  });
});
