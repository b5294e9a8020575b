import fc from 'fast-check';
import { groupByIdentity } from './identity-groups.js';

const records = fc.array(fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { minLength: 1, maxLength: 3 }), {
  maxLength: 14,
});

/** Slow and obviously right: joins any two groups that share an identity until none do. */
function reference(all: readonly string[][]): number[][] {
  let groups = all.map((_, index) => [index]);
  for (;;) {
    const identities = groups.map((group) => new Set(group.flatMap((index) => all[index] ?? [])));
    const pair = groups
      .flatMap((_, left) => groups.map((__, right) => [left, right] as const))
      .find(([left, right]) => left < right && overlap(identities[left], identities[right]));
    if (pair === undefined) return groups;
    const [left, right] = pair;
    const joined = [...(groups[left] ?? []), ...(groups[right] ?? [])];
    groups = [...groups.filter((_, index) => index !== left && index !== right), joined];
  }
}

const overlap = (left = new Set<string>(), right = new Set<string>()) => [...left].some((one) => right.has(one));

const sorted = (groups: readonly (readonly number[])[]) =>
  groups
    .map((group) => [...group].sort((left, right) => left - right))
    .sort((left, right) => (left[0] ?? 0) - (right[0] ?? 0));

describe('groups of records by identity', () => {
  it('joins records through identities they share with a third one', () => {
    const groups = groupByIdentity([['a'], ['b'], ['c'], ['a', 'b']], (identities) => identities);
    expect(groups).toEqual([[['a'], ['b'], ['a', 'b']], [['c']]]);
  });

  it('finds the groups that joining one pair at a time finds', () => {
    fc.assert(
      fc.property(records, (all) => {
        const found = groupByIdentity([...all.keys()], (index) => all[index] ?? []);
        expect(sorted(found)).toEqual(sorted(reference(all)));
      }),
    );
  });
});
