import type { JsonObject, JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { versionOf } from '../record/version.js';
import type { Fragment } from './fragment.js';
import { anyAttributeMerge, anyFragments, at, fragment } from './fragments.arbitrary.js';
import type { AttributeMerge } from './merge-policy.js';
import { mergeFragments } from './merge.js';
import { referenceMerge } from './merge.reference.js';

const newest: AttributeMerge = { type: 'timestampOrdered' };
const precedence = (...order: string[]): AttributeMerge => ({ type: 'dataSetPrecedence', order });
const merged = (policy: AttributeMerge, ...fragments: Fragment[]): string =>
  JSON.stringify(mergeFragments(fragments, policy).entity);

describe('mergeFragments, for any fragments', () => {
  it('gives what the slow reference gives', () => {
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) => {
        expect(merged(policy, ...fragments)).toBe(JSON.stringify(referenceMerge(fragments, policy)));
      }),
      { numRuns: 500 },
    );
  });

  it('gives byte-identical profiles for every permutation', () => {
    const permuted = anyFragments.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(permuted, anyAttributeMerge, ([fragments, shuffled], policy) => {
        expect(JSON.stringify(mergeFragments(shuffled, policy))).toBe(
          JSON.stringify(mergeFragments(fragments, policy)),
        );
      }),
    );
  });

  it('is idempotent: merging the profile again changes nothing', () => {
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) => {
        const { entity } = mergeFragments(fragments, policy);
        const again: Fragment = { datasetId: 'd1', xid: 'x1', age: 0, version: at(0), body: entity };
        expect(merged(newest, again)).toBe(JSON.stringify(entity));
      }),
    );
  });

  it('leaves the fragments as they are', () => {
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) => {
        const before = JSON.stringify(fragments);
        mergeFragments(fragments, policy);
        expect(JSON.stringify(fragments)).toBe(before);
      }),
    );
  });

  it('sorts the keys of every object, and lets none inherit anything', () => {
    const check = (value: JsonValue): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Array.isArray(value)) {
        for (const name of Object.getOwnPropertyNames(Object.prototype)) {
          expect(name in value).toBe(Object.hasOwn(value, name));
        }
        const keys = Object.keys(value).filter((key) => !/^\d+$/.test(key));
        expect(keys).toEqual([...keys].sort());
      }
      Object.values(value).forEach(check);
    };
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) =>
        check(mergeFragments(fragments, policy).entity),
      ),
    );
  });
});

describe('mergeFragments, candidates', () => {
  it('considers every fragment when ordered by time', () => {
    const profile = mergeFragments([fragment('b', 1, '{"x":1}'), fragment('a', 2, '{"y":2}')], newest);
    expect(profile).toEqual({ entity: { x: 1, y: 2 }, sources: ['a', 'b'], lastModifiedAt: 2 });
  });

  it('considers only the datasets of an order of precedence', () => {
    const profile = mergeFragments([fragment('b', 1, '{"x":1}'), fragment('a', 2, '{"y":2}')], precedence('b', 'c'));
    expect(profile).toEqual({ entity: { x: 1 }, sources: ['b'], lastModifiedAt: 1 });
  });

  it('gives an empty profile of no source when there is nothing to merge', () => {
    expect(mergeFragments([], newest)).toEqual({ entity: {}, sources: [], lastModifiedAt: 0 });
    expect(mergeFragments([fragment('a', 5, '{"x":1}')], precedence('b'))).toEqual({
      entity: {},
      sources: [],
      lastModifiedAt: 0,
    });
  });

  it('names a dataset once and takes the newest age, whichever fragment won', () => {
    const fragments = [
      fragment('a', -5, '{"x":1}'),
      fragment('b', -9, '{"x":2}'),
      fragment('a', -7, '{"x":3}', { xid: 'x2' }),
    ];
    expect(mergeFragments(fragments, precedence('b', 'a'))).toEqual({
      entity: { x: 2 },
      sources: ['a', 'b'],
      lastModifiedAt: -5,
    });
  });
});

describe('mergeFragments, rank', () => {
  const accepted = (acceptedAt: number, position: string): Partial<Fragment> => ({
    version: versionOf(5, { acceptedAt, position }),
  });

  it('prefers the newer record', () => {
    expect(merged(newest, fragment('z', 1, '{"x":"old"}'), fragment('a', 2, '{"x":"new"}'))).toBe('{"x":"new"}');
  });

  it('prefers the better dataset, however old, where the policy has an order', () => {
    const fragments = [fragment('z', 1, '{"x":"old"}'), fragment('a', 2, '{"x":"new"}')];
    expect(merged(precedence('z', 'a'), ...fragments)).toBe('{"x":"old"}');
    expect(merged(precedence('a', 'z', 'a'), ...fragments)).toBe('{"x":"new"}');
  });

  it('prefers the newer of two fragments of one dataset in an order', () => {
    const fragments = [fragment('a', 1, '{"x":"old"}'), fragment('a', 2, '{"x":"new"}', { xid: 'x0' })];
    expect(merged(precedence('a'), ...fragments)).toBe('{"x":"new"}');
  });

  it('prefers what was accepted later among records of one age: by time, then by place', () => {
    const earlier = fragment('z', 5, '{"x":"earlier"}', accepted(6, '1'));
    const later = fragment('a', 5, '{"x":"later"}', accepted(7, '0'));
    const last = fragment('a', 5, '{"x":"last"}', { ...accepted(7, '1'), xid: 'x0' });
    expect(merged(newest, earlier, later)).toBe('{"x":"later"}');
    expect(merged(newest, last, later)).toBe('{"x":"last"}');
  });

  it('prefers the larger dataset id, then the larger XID, among equal versions', () => {
    const same = accepted(6, '0');
    const a9 = fragment('a', 5, '{"x":"a9"}', { ...same, xid: 'x9' });
    const b1 = fragment('b', 5, '{"x":"b1"}', { ...same, xid: 'x1' });
    const b2 = fragment('b', 5, '{"x":"b2"}', { ...same, xid: 'x2' });
    expect(merged(newest, a9, b1)).toBe('{"x":"b1"}');
    expect(merged(newest, b1, b2)).toBe('{"x":"b2"}');
  });
});

describe('mergeFragments, fields', () => {
  it('merges objects key by key', () => {
    expect(
      merged(
        newest,
        fragment('a', 2, '{"person":{"name":{"firstName":"Ada"}}}'),
        fragment('b', 1, '{"person":{"name":{"firstName":"A.","lastName":"Lovelace"},"born":1815}}'),
      ),
    ).toBe('{"person":{"born":1815,"name":{"firstName":"Ada","lastName":"Lovelace"}}}');
  });

  it('takes arrays whole, empty ones and their nulls included, with the keys of their objects sorted', () => {
    expect(merged(newest, fragment('a', 2, '{"x":[]}'), fragment('b', 1, '{"x":[1]}'))).toBe('{"x":[]}');
    expect(merged(newest, fragment('a', 2, '{"x":[{"b":1,"a":null},null]}'), fragment('b', 1, '{"x":[1]}'))).toBe(
      '{"x":[{"a":null,"b":1},null]}',
    );
  });

  it('lets no null, and no object without a leaf, beat a value', () => {
    const value = fragment('b', 1, '{"x":"value"}');
    for (const absent of ['{"x":null}', '{"x":{}}', '{"x":{"y":{"z":null}}}'])
      expect(merged(newest, fragment('a', 2, absent), value)).toBe('{"x":"value"}');
    expect(merged(newest, fragment('a', 2, '{"x":null,"y":{"z":{}}}'))).toBe('{}');
  });

  it('takes false, 0 and the empty text as values', () => {
    for (const value of ['false', '0', '""'])
      expect(merged(newest, fragment('a', 2, `{"x":${value}}`), fragment('b', 1, '{"x":"old"}'))).toBe(
        `{"x":${value}}`,
      );
  });

  it('lets the best-ranked fragment decide whether a field is an object', () => {
    const scalar = '{"x":1}';
    const object = '{"x":{"y":2}}';
    expect(merged(newest, fragment('a', 2, scalar), fragment('b', 1, object))).toBe('{"x":1}');
    expect(merged(newest, fragment('a', 1, scalar), fragment('b', 2, object))).toBe('{"x":{"y":2}}');
  });

  it('goes on merging objects past a scalar that lost', () => {
    const fragments = [
      fragment('a', 3, '{"x":{"y":3}}'),
      fragment('b', 2, '{"x":"lost"}'),
      fragment('c', 1, '{"x":{"y":1,"z":1}}'),
    ];
    expect(merged(newest, ...fragments)).toBe('{"x":{"y":3,"z":1}}');
  });

  it('keeps hostile names as the names they are', () => {
    const hostile =
      '{"$where":"1","__proto__":{"polluted":true},"a.b":2,"constructor":{"prototype":{"polluted":true}}}';
    const { entity } = mergeFragments([fragment('a', 2, hostile), fragment('b', 1, hostile)], newest);
    expect(JSON.stringify(entity)).toBe(hostile);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('mergeFragments, fields with versions of their own', () => {
  const upsert = (versions: Record<string, number>): Partial<Fragment> => ({
    fieldVersions: new Map(Object.entries(versions).map(([pointer, age]) => [pointer, at(age)])),
  });

  it('ranks each field by the record that last set it', () => {
    const upserted = fragment('a', 9, '{"old":"a","new":"a"}', upsert({ '/old': 1 }));
    const other = fragment('b', 5, '{"old":"b","new":"b"}');
    expect(merged(newest, upserted, other)).toBe('{"new":"a","old":"b"}');
  });

  it('holds a version for everything below its pointer, up to a deeper one', () => {
    const upserted = fragment(
      'a',
      9,
      '{"p":{"q":"a","r":"a","s":{"t":"a"}}}',
      upsert({ '/p': 1, '/p/r': 7, '/p/s': 6 }),
    );
    const other = fragment('b', 5, '{"p":{"q":"b","r":"b","s":{"t":"b"}}}');
    expect(merged(newest, upserted, other)).toBe('{"p":{"q":"b","r":"a","s":{"t":"a"}}}');
  });

  it('takes a version of the whole for fields without one', () => {
    const upserted = fragment('a', 9, '{"x":"a","y":"a"}', upsert({ '': 1, '/y': 9 }));
    expect(merged(newest, upserted, fragment('b', 5, '{"x":"b","y":"b"}'))).toBe('{"x":"b","y":"a"}');
  });

  it('reads escaped names, and ignores versions of fields that are gone', () => {
    const upserted = fragment('a', 9, '{"p/q":"a","~":"a"}', upsert({ '/p~1q': 1, '/~0': 1, '/gone': 99 }));
    expect(merged(newest, upserted, fragment('b', 5, '{"p/q":"b","gone":"b"}'))).toBe('{"gone":"b","p/q":"b","~":"a"}');
  });

  it('lets the order of datasets come before any version', () => {
    const upserted = fragment('a', 9, '{"x":"a"}', upsert({ '/x': 1 }));
    expect(merged(precedence('a', 'b'), upserted, fragment('b', 5, '{"x":"b"}'))).toBe('{"x":"a"}');
  });

  it('keeps the entry of a segment together, whatever records set its parts', () => {
    const entry = '{"status":"realized","lastQualificationTime":"2026-01-02T00:00:00Z"}';
    const upserted = fragment(
      'a',
      9,
      `{"segmentMembership":{"ups":{"s":${entry}}}}`,
      upsert({ '/segmentMembership/ups/s/status': 1 }),
    );
    const other = '{"status":"exited","lastQualificationTime":"2026-01-01T00:00:00Z"}';
    expect(merged(newest, upserted, fragment('b', 5, `{"segmentMembership":{"ups":{"s":${other}}}}`))).toBe(
      '{"segmentMembership":{"ups":{"s":{"lastQualificationTime":"2026-01-02T00:00:00Z","status":"realized"}}}}',
    );
  });
});
