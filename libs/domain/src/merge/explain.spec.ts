import type { JsonObject, JsonValue } from '@tessera/contracts';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { explainMerge, type FieldSource, type LeafExplanation } from './explain.js';
import { pointerNames } from './field-path.js';
import type { Fragment } from './fragment.js';
import { anyAttributeMerge, anyFragments, at, fragment } from './fragments.arbitrary.js';
import type { AttributeMerge } from './merge-policy.js';
import { mergeFragments } from './merge.js';

const newest: AttributeMerge = { type: 'timestampOrdered' };
const precedence = (...order: string[]): AttributeMerge => ({ type: 'dataSetPrecedence', order });
const idOf = ({ datasetId, xid }: Pick<FieldSource, 'datasetId' | 'xid'>): string => `${datasetId}.${xid}`;

function valueAt(body: JsonObject, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const name of pointerNames(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

function leaf(explanations: readonly LeafExplanation[], path: string): LeafExplanation {
  const found = explanations.find((each) => each.path === path);
  if (found === undefined) throw new Error(`no leaf ${path}`);
  return found;
}

describe('explainMerge, for any fragments', () => {
  it('explains the merged profile: its leaves, each once, and nothing else', () => {
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) => {
        const { leaves } = explainMerge(fragments, policy);
        const rebuilt = Object.create(null) as JsonObject;
        for (const { pointer, value } of leaves) {
          let parent = rebuilt;
          const names = pointerNames(pointer);
          for (const name of names.slice(0, -1))
            parent = (parent[name] ??= Object.create(null) as JsonObject) as JsonObject;
          const last = names.at(-1) as string;
          expect(Object.hasOwn(parent, last)).toBe(false);
          parent[last] = value;
        }
        expect(canonicalJson(rebuilt)).toBe(JSON.stringify(mergeFragments(fragments, policy).entity));
      }),
      { numRuns: 500 },
    );
  });

  it('names winners that say what it says they say, and whose field survives when what it beat is gone', () => {
    fc.assert(
      fc.property(anyFragments, anyAttributeMerge, (fragments, policy) => {
        const byId = new Map(fragments.map((each) => [idOf(each), each]));
        for (const { pointer, value, winner, beaten } of explainMerge(fragments, policy).leaves) {
          if (/^\/(identityMap|segmentMembership)(\/|$)/.test(pointer)) continue;
          expect(canonicalJson(valueAt((byId.get(idOf(winner)) as Fragment).body, pointer) as JsonValue)).toBe(
            canonicalJson(value),
          );
          for (const each of beaten) {
            const body = (byId.get(idOf(each.source)) as Fragment).body;
            expect(canonicalJson(valueAt(body, each.pointer) as JsonValue)).toBe(canonicalJson(each.value));
          }
          const losers = new Set(beaten.map(({ source }) => idOf(source)));
          const without = fragments.filter((each) => !losers.has(idOf(each)));
          const again = explainMerge(without, policy).leaves.find((each) => each.pointer === pointer);
          expect(again).toMatchObject({ value, winner, beaten: [], rule: 'only-source' });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of the fragments', () => {
    const permuted = anyFragments.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(permuted, anyAttributeMerge, ([fragments, shuffled], policy) => {
        expect(JSON.stringify(explainMerge(shuffled, policy))).toBe(JSON.stringify(explainMerge(fragments, policy)));
      }),
    );
  });
});

describe('explainMerge', () => {
  const rule = (policy: AttributeMerge, ...fragments: Fragment[]): string =>
    leaf(explainMerge(fragments, policy).leaves, 'x').rule;

  it('names the winner, what it beat, strongest first, and the rule', () => {
    const fragments = [
      fragment('a', 1, '{"p":{"x":"a"}}'),
      fragment('b', 3, '{"p":{"x":"b"}}', { xid: 'x2' }),
      fragment('c', 2, '{"p":{"x":"c"}}'),
    ];
    expect(explainMerge(fragments, newest).leaves).toEqual([
      {
        pointer: '/p/x',
        path: 'p.x',
        value: 'b',
        winner: { datasetId: 'b', xid: 'x2', age: 3, version: at(3) },
        beaten: [
          { pointer: '/p/x', path: 'p.x', value: 'c', source: { datasetId: 'c', xid: 'x1', age: 2, version: at(2) } },
          { pointer: '/p/x', path: 'p.x', value: 'a', source: { datasetId: 'a', xid: 'x1', age: 1, version: at(1) } },
        ],
        rule: 'newer',
      },
    ]);
  });

  it('names each rule of rank', () => {
    const later = { version: `${at(2)}1` };
    expect(rule(precedence('a', 'b'), fragment('a', 1, '{"x":1}'), fragment('b', 2, '{"x":2}'))).toBe('dataset-order');
    expect(rule(newest, fragment('a', 1, '{"x":1}'), fragment('b', 2, '{"x":2}'))).toBe('newer');
    expect(rule(newest, fragment('a', 2, '{"x":1}', later), fragment('b', 2, '{"x":2}'))).toBe('accepted-later');
    expect(rule(newest, fragment('a', 2, '{"x":1}'), fragment('b', 2, '{"x":2}'))).toBe('larger-dataset-id');
    expect(rule(newest, fragment('a', 2, '{"x":1}'), fragment('a', 2, '{"x":2}', { xid: 'x2' }))).toBe('larger-xid');
    expect(rule(newest, fragment('a', 2, '{"x":1}'), fragment('b', 2, '{"x":null}'))).toBe('only-source');
  });

  it('shows a leaf that an object kept out under each field that outranks it', () => {
    const fragments = [
      fragment('a', 3, '{"x":{"y":1}}'),
      fragment('b', 2, '{"x":"text"}'),
      fragment('c', 1, '{"x":{"z":2}}'),
    ];
    const { leaves } = explainMerge(fragments, newest);
    expect(leaf(leaves, 'x.y')).toMatchObject({ rule: 'newer', beaten: [{ pointer: '/x', value: 'text' }] });
    expect(leaf(leaves, 'x.z')).toMatchObject({ rule: 'only-source', beaten: [] });
  });

  it('gives the age of the field itself where it has one', () => {
    const upserted = fragment('a', 9, '{"x":1,"y":1}', { fieldVersions: new Map([['/x', at(4)]]) });
    const { leaves } = explainMerge([upserted, fragment('b', 3, '{"x":2}')], newest);
    expect(leaf(leaves, 'x')).toMatchObject({ winner: { age: 4, version: at(4) }, rule: 'newer' });
    expect(leaf(leaves, 'y')).toMatchObject({ winner: { age: 9, version: at(9) }, rule: 'only-source' });
  });

  it('lists the candidates, best first, and the fragments the policy leaves out', () => {
    const fragments = [fragment('c', 1, '{}'), fragment('a', 1, '{}'), fragment('b', 2, '{}'), fragment('d', 3, '{}')];
    const { candidates, excluded } = explainMerge(fragments, precedence('b', 'a'));
    expect(candidates.map(idOf)).toEqual(['b.x1', 'a.x1']);
    expect(excluded.map(idOf)).toEqual(['c.x1', 'd.x1']);
  });

  it('shows what each fragment put into a united identity map', () => {
    const fragments = [
      fragment('a', 1, '{"identityMap":{"Email":[{"id":"1","primary":true}],"crmid":[{"id":"7"}]}}'),
      fragment('b', 2, '{"identityMap":{"email":[{"id":"2"}]}}'),
    ];
    const { leaves } = explainMerge(fragments, newest);
    expect(leaf(leaves, 'identityMap.email')).toMatchObject({
      value: [{ id: '1', primary: true }, { id: '2' }],
      rule: 'united',
      winner: { datasetId: 'b' },
      united: [
        { source: { datasetId: 'b' }, value: [{ id: '2' }] },
        { source: { datasetId: 'a' }, value: [{ id: '1', primary: true }] },
      ],
    });
    expect(leaf(leaves, 'identityMap.crmid')).toMatchObject({ rule: 'only-source', winner: { datasetId: 'a' } });
  });

  it('says whether time or rank decided about a segment', () => {
    const member = (datasetId: string, age: number, segment: string, time: number): Fragment =>
      fragment(datasetId, age, `{"segmentMembership":{"ups":{"${segment}":{"lastQualificationTime":${time}}}}}`);
    const later = explainMerge([member('a', 1, 's', 5), member('b', 2, 's', 4)], newest).leaves;
    expect(leaf(later, 'segmentMembership.ups.s')).toMatchObject({
      rule: 'later-qualification',
      winner: { datasetId: 'a' },
      beaten: [{ source: { datasetId: 'b' }, value: { lastQualificationTime: 4 } }],
    });
    const equal = explainMerge([member('a', 1, 's', 5), member('b', 2, 's', 5)], newest).leaves;
    expect(leaf(equal, 'segmentMembership.ups.s')).toMatchObject({ rule: 'newer', winner: { datasetId: 'b' } });
    const alone = explainMerge([member('a', 1, 's', 5)], newest).leaves;
    expect(leaf(alone, 'segmentMembership.ups.s').rule).toBe('only-source');
  });
});
