import fc from 'fast-check';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { ageOfVersion, versionOf } from '../record/version.js';
import { fieldVersionsByPointer } from './field-versions.js';
import {
  applyChanges,
  versionsOf,
  withoutVersions,
  type FragmentChange,
  type FragmentState,
} from './fragment-state.js';
import { changesInAnyOrder } from './changes.arbitrary.js';
import { referenceLeaves, type ReferenceLeaf } from './upsert.reference.js';

const at = (age: number): string => versionOf(age, { acceptedAt: age, position: '0' });
const change = (operation: FragmentChange['operation'], age: number, json: string): FragmentChange => ({
  operation,
  version: at(age),
  body: JSON.parse(json) as JsonObject,
});
const create = (age: number, json: string) => change('create', age, json);
const merge = (age: number, json: string) => change('merge', age, json);
const remove = (age: number) => change('delete', age, '{}');
const bodyOf = (changes: FragmentChange[]): unknown => {
  const { body } = applyChanges(undefined, changes);
  return body === undefined ? undefined : (JSON.parse(body) as unknown);
};

/** Every leaf of a state with its version, read the way a merge of fragments reads it. */
function leavesOf(state: FragmentState): ReferenceLeaf[] {
  const versions = fieldVersionsByPointer(state.fieldVersions ?? '{}');
  const versionAt = (names: readonly string[]): string => {
    for (let length = names.length; length >= 0; length -= 1) {
      const steps = names.slice(0, length).map((name) => '/' + name.replace(/~/g, '~0').replace(/\//g, '~1'));
      const version = versions.get(steps.join(''));
      if (version !== undefined) return version;
    }
    return state.version;
  };
  const leaves: ReferenceLeaf[] = [];
  const visit = (value: JsonValue, names: readonly string[]): void => {
    if (names.length === 2 && names[0] === 'identityMap' && Array.isArray(value)) {
      for (const item of value as { id: string }[]) {
        const named = [...names, item.id];
        leaves.push({ names: named, value: item, version: versionAt(named) });
      }
    } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      leaves.push({ names, value, version: versionAt(names) });
    } else for (const [name, below] of Object.entries(value)) visit(below, [...names, name]);
  };
  visit(JSON.parse(state.body ?? '{}') as JsonObject, []);
  return leaves.sort((a, b) => (JSON.stringify(a.names) < JSON.stringify(b.names) ? -1 : 1));
}

describe('the state of a fragment', () => {
  it('is what replaying its records by rising version gives, whatever their order, repeats and portions', () => {
    fc.assert(
      fc.property(changesInAnyOrder, ({ portions }) => {
        const changes = portions.flat();
        const before = JSON.stringify(changes);
        let state: FragmentState | undefined;
        for (const portion of portions) state = applyChanges(state, portion);
        if (state === undefined) return;
        expect(leavesOf(state)).toEqual(referenceLeaves(changes));
        expect(state.version).toBe(changes.map(({ version }) => version).reduce((a, b) => (a > b ? a : b)));
        expect(state.body === undefined).toBe(referenceLeaves(changes).length === 0);
        expect(JSON.stringify(changes)).toBe(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same to the byte for any two orders of the same records', () => {
    fc.assert(
      fc.property(changesInAnyOrder, ({ portions, inOrder }) => {
        if (inOrder.length === 0) return;
        let state: FragmentState | undefined;
        for (const portion of portions) state = applyChanges(state, portion);
        expect(state).toEqual(applyChanges(undefined, inOrder));
      }),
      { numRuns: 500 },
    );
  });

  it('tells of each record whether any of it is left, the same at every repeat', () => {
    fc.assert(
      fc.property(changesInAnyOrder, ({ inOrder }) => {
        if (inOrder.length === 0) return;
        const state = applyChanges(undefined, inOrder);
        for (const each of inOrder) {
          const again = applyChanges(state, [each]);
          expect(again).toEqual(state);
          expect(versionsOf(again)).toEqual(versionsOf(state));
          const left = referenceLeaves(inOrder).some(({ version }) => version === each.version);
          if (left) expect(versionsOf(state).has(each.version)).toBe(true);
        }
      }),
    );
  });

  it('keeps no field versions where the newest record said everything', () => {
    fc.assert(
      fc.property(changesInAnyOrder, fc.boolean(), ({ inOrder }, deleted) => {
        const last = deleted ? remove(1_000) : create(1_000, '{"a":1}');
        expect(applyChanges(undefined, [last, ...inOrder])).toEqual({
          version: last.version,
          ...(!deleted && { body: '{"a":1}' }),
        });
      }),
    );
  });
});

describe('taking records back', () => {
  it('leaves what the others set, whatever they had overwritten', () => {
    fc.assert(
      fc.property(changesInAnyOrder, fc.nat({ max: 3 }), ({ inOrder }, remainder) => {
        if (inOrder.length === 0) return;
        const taken = new Set(inOrder.filter((_, index) => index % 3 === remainder).map(({ version }) => version));
        const state = applyChanges(undefined, inOrder);
        const left = withoutVersions(state, (version) => taken.has(version));
        const expected = referenceLeaves(inOrder).filter(({ version }) => !taken.has(version));
        expect(left === undefined ? [] : leavesOf(left)).toEqual(expected);
        if (left === undefined) return;
        expect([...versionsOf(left)].filter((version) => taken.has(version))).toEqual([]);
        expect(withoutVersions(left, (version) => taken.has(version))).toEqual(left);
        if (taken.size === 0) expect(left).toEqual(state);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves nothing where there is no other', () => {
    expect(withoutVersions(applyChanges(undefined, [merge(1, '{"a":1}'), remove(2)]), () => true)).toBeUndefined();
  });

  it('makes the newest of the others the newest', () => {
    const state = applyChanges(undefined, [create(1, '{"a":1,"b":1}'), merge(2, '{"a":2}'), merge(3, '{"c":3}')]);
    const left = withoutVersions(state, (version) => version === at(3));
    expect(left).toEqual(applyChanges(undefined, [create(1, '{"b":1}'), merge(2, '{"a":2}')]));
  });
});

describe('a partial record', () => {
  it('changes the fields it has and leaves the others', () => {
    expect(bodyOf([create(1, '{"a":1,"b":{"c":2,"d":3}}'), merge(2, '{"b":{"c":4},"e":5}')])).toEqual({
      a: 1,
      b: { c: 4, d: 3 },
      e: 5,
    });
  });

  it('never overwrites newer fields when it comes late, and adds what nothing newer speaks of', () => {
    expect(bodyOf([merge(3, '{"a":"new"}'), merge(1, '{"a":"old","b":"late"}')])).toEqual({ a: 'new', b: 'late' });
  });

  it('clears a field with null, against older ones that come later too', () => {
    expect(bodyOf([merge(3, '{"a":null,"k":1}'), merge(1, '{"a":1}'), create(2, '{"a":2}')])).toEqual({ k: 1 });
    expect(bodyOf([merge(3, '{"a":{"b":null},"k":1}'), merge(1, '{"a":5}'), merge(2, '{"a":{"b":1,"c":2}}')])).toEqual({
      a: { c: 2 },
      k: 1,
    });
  });

  it('replaces arrays, and takes empty texts and arrays as values', () => {
    expect(bodyOf([merge(1, '{"a":[1,2],"b":"x","c":[1]}'), merge(2, '{"a":[3],"b":"","c":[]}')])).toEqual({
      a: [3],
      b: '',
      c: [],
    });
  });

  it('changes nothing with an empty object', () => {
    expect(bodyOf([merge(1, '{"a":1,"b":{"c":2}}'), merge(2, '{"a":{},"b":{},"d":{"e":{}}}')])).toEqual({
      a: 1,
      b: { c: 2 },
    });
  });

  it('unites the identities of a namespace, until something newer clears them', () => {
    const ids = (code: string, ...items: string[]) =>
      `{"identityMap":{"${code}":[${items.map((id) => `{"id":"${id}"}`).join(',')}]}}`;
    const both = [merge(1, ids('phone', '2')), merge(2, ids('phone', '1'))];
    expect(bodyOf(both)).toEqual({ identityMap: { phone: [{ id: '1' }, { id: '2' }] } });
    const cleared = [merge(4, ids('phone', '9')), ...both, merge(3, '{"identityMap":{"phone":null}}')];
    expect(bodyOf(cleared)).toEqual({ identityMap: { phone: [{ id: '9' }] } });
  });

  it('gives what is newest where records disagree on whether a field is an object', () => {
    expect(bodyOf([merge(1, '{"a":{"b":1}}'), merge(2, '{"a":5}')])).toEqual({ a: 5 });
    expect(bodyOf([merge(2, '{"a":{"b":1}}'), merge(1, '{"a":5}')])).toEqual({ a: { b: 1 } });
    expect(bodyOf([merge(3, '{"a":{"b":null}}'), merge(2, '{"a":5}'), merge(1, '{"a":{"b":1}}')])).toBeUndefined();
  });

  it('does not survive a newer delete, and survives a late one', () => {
    expect(bodyOf([merge(1, '{"a":1}'), remove(2), create(1, '{"a":2}')])).toBeUndefined();
    expect(bodyOf([merge(3, '{"a":1}'), create(1, '{"b":2}'), remove(2)])).toEqual({ a: 1 });
  });
});

describe('field versions', () => {
  it('of records that all send the same fields list no field', () => {
    const row = JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, index])));
    const state = applyChanges(undefined, [merge(1, row), merge(2, row)]);
    expect(state.fieldVersions).toBe(`{"${at(2)}":["*"]}`);
    const changed = applyChanges(state, [merge(3, '{"f7":0}')]);
    expect(changed.fieldVersions).toBe(`{"${at(2)}":["*"],"${at(3)}":["/f7"]}`);
    expect(fieldVersionsByPointer(changed.fieldVersions ?? '')).toEqual(
      new Map([
        ['', at(2)],
        ['/f7', at(3)],
      ]),
    );
  });

  it('escape names as JSON Pointers do', () => {
    const state = applyChanges(undefined, [create(1, '{"x":1,"y":1}'), merge(2, '{"a/b":{"c~d":1}}')]);
    expect(JSON.parse(state.fieldVersions ?? '')).toEqual({ [at(1)]: [''], [at(2)]: ['/a~1b/c~0d'] });
    expect(ageOfVersion(at(2))).toBe(2);
  });
});
