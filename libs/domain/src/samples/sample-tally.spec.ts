import fc from 'fast-check';
import type { CountedFragment, PersonFacts } from './person-facts.js';
import { isSampleDue, samplingRatioOf } from './sample-due.js';
import { isSampled, SampleTallier, unstitchedPeriods, type SampleTally, type TallyRules } from './sample-tally.js';

const NOW = 1_000 * 86_400_000;
const code = fc.constantFrom('email', 'crmid', 'phone');
const fragment: fc.Arbitrary<CountedFragment> = fc
  .record({ datasetId: fc.constantFrom('d1', 'd2', 'd3'), namespace: code, events: fc.nat({ max: 3 }) })
  .map(({ events, ...rest }) => ({ ...rest, events, kind: events === 0 ? 'record' : 'events' }));
const person: fc.Arbitrary<PersonFacts> = fc.record(
  {
    clusterId: fc.uuid(),
    namespaces: fc.array(code, { minLength: 1, maxLength: 4 }),
    fragments: fc.array(fragment, { maxLength: 4 }),
    takesPartIn: fc.uniqueArray(fc.constantFrom('d2', 'd3', 'd4'), { maxLength: 2 }),
    newestEvent: fc.integer({ min: 0, max: 130 }).map((days) => NOW - days * 86_400_000 - 1),
  },
  { requiredKeys: ['clusterId', 'namespaces', 'fragments', 'takesPartIn'] },
);
const people = fc.array(person, { maxLength: 30 });
const ratio = fc.constantFrom(1, 0.5, 0.01);
/** Of the default policy; none: every record makes a profile. */
const order = fc.option(fc.subarray(['d1', 'd2', 'd3'], { minLength: 1 }));
const rulesOf = (share: number, datasets: readonly string[] | null): TallyRules => {
  return { ratio: share, now: NOW, ...(datasets && { order: datasets }) };
};
/** The fragments that a profile is made of. */
const madeOf = ({ fragments }: PersonFacts, datasets: readonly string[] | null) =>
  fragments.filter(({ kind, datasetId }) => kind === 'events' || datasets === null || datasets.includes(datasetId));

function tallyOf(some: readonly PersonFacts[], rules: TallyRules): SampleTally {
  const tallier = new SampleTallier(rules);
  for (const one of some) tallier.add(one);
  return tallier.result();
}

const sum = (entries: readonly (readonly [string, number])[]) => entries.reduce((total, [, count]) => total + count, 0);

describe('a tally', () => {
  it('of everybody is the tallies of any parts, merged in any order', () => {
    fc.assert(
      fc.property(people, ratio, order, fc.nat({ max: 4 }), (all, share, datasets, cuts) => {
        const rules = rulesOf(share, datasets);
        const parts = Array.from({ length: cuts + 1 }, (_, part) =>
          all.filter((_person, index) => index % (cuts + 1) === part),
        );
        const merged = new SampleTallier(rules);
        for (const part of parts.reverse()) merged.merge(tallyOf(part, rules));
        expect(merged.result()).toEqual(tallyOf(all, rules));
      }),
    );
  });

  it('has overlaps that add up to the profiles', () => {
    fc.assert(
      fc.property(people, ratio, order, (all, share, datasets) => {
        const { profiles, datasetOverlap, namespaceOverlap } = tallyOf(all, rulesOf(share, datasets));
        expect(sum(datasetOverlap)).toBe(profiles);
        expect(sum(namespaceOverlap)).toBe(profiles);
        const known = all.filter((one) => madeOf(one, datasets).length > 0 || one.takesPartIn.length > 0);
        expect(profiles).toBe(known.length);
      }),
    );
  });

  it('makes profiles of records of the datasets in an order and of events of any, without either of events of others', () => {
    fc.assert(
      fc.property(people, order, (all, datasets) => {
        const found = tallyOf(all, rulesOf(1, datasets));
        const sets = all.map((one) => {
          const own = madeOf(one, datasets).map(({ datasetId }) => datasetId);
          return new Set(own.length > 0 ? own : one.takesPartIn);
        });
        const count = (id: string) => sets.filter((set) => set.has(id)).length;
        expect(found.datasets).toEqual(
          ['d1', 'd2', 'd3', 'd4'].flatMap((id) =>
            count(id) === 0 ? [] : [[id, { sample: count(id), full: count(id) }]],
          ),
        );
        expect(found.datasetOverlap.every(([ids]) => ids !== '')).toBe(true);
      }),
    );
  });

  it('counts fragments, records and events of the store, whatever the order', () => {
    fc.assert(
      fc.property(people, order, (all, datasets) => {
        const found = tallyOf(all, rulesOf(1, datasets));
        const stored = all.flatMap(({ fragments }) => fragments);
        expect(found.fragments).toBe(stored.length);
        expect(found.records).toBe(stored.filter(({ kind }) => kind === 'record').length);
        expect(found.events).toBe(stored.reduce((total, { events }) => total + events, 0));
        expect(found.namespaces.reduce((total, [, { fragments }]) => total + fragments, 0)).toBe(stored.length);
      }),
    );
  });

  it('counts as unstitched whoever has one fragment, or one identity and events only, and was not active', () => {
    fc.assert(
      fc.property(people, order, (all, datasets) => {
        const { unstitched } = tallyOf(all, rulesOf(1, datasets));
        for (const period of unstitchedPeriods) {
          const expected = all.filter((one) => {
            const { namespaces, newestEvent } = one;
            const fragments = madeOf(one, datasets);
            const isKnown = fragments.length > 0 || one.takesPartIn.length > 0;
            const onlyEvents = isKnown && fragments.every(({ kind }) => kind === 'events');
            const alone = fragments.length === 1 || (onlyEvents && namespaces.length === 1);
            return alone && (newestEvent === undefined || newestEvent <= NOW - period * 86_400_000);
          });
          const found = unstitched.filter((entry) => entry.period === period);
          expect(found.reduce((total, { profiles }) => total + profiles, 0)).toBe(expected.length);
        }
      }),
    );
  });
});

it('counts somebody who only takes part in events of others by their own identity and the dataset of the events', () => {
  const guest: PersonFacts = { clusterId: 'guest', namespaces: ['phone'], fragments: [], takesPartIn: ['web'] };
  const tally = tallyOf([{ ...guest, newestEvent: NOW - 10 * 86_400_000 }], { ratio: 1, now: NOW });
  expect(tally).toMatchObject({ profiles: 1, sampled: 1, fragments: 0, events: 0 });
  expect(tally.datasets).toEqual([['web', { sample: 1, full: 1 }]]);
  expect(tally.namespaces).toEqual([['phone', { sample: 1, full: 1, fragments: 0 }]]);
  expect(tally.datasetOverlap).toEqual([['web', 1]]);
  expect(tally.namespaceOverlap).toEqual([['phone', 1]]);
  expect(tally.unstitched).toEqual([{ period: 7, namespace: 'phone', profiles: 1, events: 0 }]);
});

describe('a sample', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `person ${index}`);

  it('draws about its share, everybody at 1, and at a smaller ratio some of the same people', () => {
    const drawn = (share: number) => ids.filter((id) => isSampled(id, share));
    expect(drawn(1)).toEqual(ids);
    expect(drawn(0.1).length).toBeGreaterThan(800);
    expect(drawn(0.1).length).toBeLessThan(1_200);
    const larger = new Set(drawn(0.1));
    expect(drawn(0.02).every((id) => larger.has(id))).toBe(true);
    expect(drawn(0.1)).toEqual(drawn(0.1));
  });

  it('is everybody below a hundred thousand people', () => {
    expect(samplingRatioOf(99_999, 0.1)).toBe(1);
    expect(samplingRatioOf(100_000, 0.1)).toBe(0.1);
  });

  it('is due once the people have become more, or fewer, by over five per cent', () => {
    expect(isSampleDue(0, undefined)).toBe(false);
    expect(isSampleDue(1, undefined)).toBe(true);
    expect([95, 100, 105].map((now) => isSampleDue(now, 100))).toEqual([false, false, false]);
    expect([94, 106].map((now) => isSampleDue(now, 100))).toEqual([true, true]);
    expect(isSampleDue(1, 0)).toBe(true);
  });
});
