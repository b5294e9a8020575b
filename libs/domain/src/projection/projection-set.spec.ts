import fc from 'fast-check';
import { emptyProjectionSet, type ProjectionSet } from './projection.js';
import {
  MOST_PROJECTIONS,
  withChangedConfiguration,
  withChangedDestination,
  withNewConfiguration,
  withNewDestination,
  withoutConfiguration,
  withoutDestination,
  type DestinationSettings,
  type ProjectionChange,
} from './projection-set.js';

const settings: DestinationSettings = {
  type: 'EDGE',
  dataCenters: ['OR1'],
  ttl: 3_600,
  replicationPolicy: 'REACTIVE',
};
const ids = ['a', 'b', 'c'];
const names = ['one', 'two'];
const schemas = ['s', 't'];

type Step = (set: ProjectionSet) => ProjectionChange<unknown>;

const id = fc.constantFrom(...ids);
const step: fc.Arbitrary<Step> = fc.oneof(
  id.map(
    (of): Step =>
      (set) =>
        set.destinations.some((one) => one.id === of)
          ? withoutDestination(set, of)
          : withNewDestination(set, of, settings),
  ),
  fc.tuple(id, fc.nat(3)).map(
    ([of, version]): Step =>
      (set) =>
        withChangedDestination(set, of, version, settings),
  ),
  fc.tuple(id, fc.constantFrom(...names), fc.constantFrom(...schemas), id).map(
    ([of, name, schemaName, destinationId]): Step =>
      (set) =>
        set.configurations.some((one) => one.id === of)
          ? withoutConfiguration(set, of)
          : withNewConfiguration(set, { id: of, schemaName }, { name, selector: 'x', destinationId }),
  ),
  fc.tuple(id, fc.nat(3), fc.constantFrom(...names), id).map(
    ([of, version, name, destinationId]): Step =>
      (set) =>
        withChangedConfiguration(set, of, version, { name, selector: 'y', destinationId }),
  ),
);

describe('the destinations and configurations of a sandbox', () => {
  it('keep their rules whatever is done to them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let set = emptyProjectionSet;
        for (const decide of steps) {
          const change = decide(set);
          if (change.kind === 'refused') continue;
          set = change.set;
          const places = set.configurations.map(({ schemaName, name }) => `${schemaName}/${name}`);
          expect(new Set(places).size).toBe(places.length);
          const known = new Set(set.destinations.map((destination) => destination.id));
          expect(set.configurations.every(({ destinationId }) => known.has(destinationId))).toBe(true);
        }
      }),
    );
  });

  it('raise a version by one with every change, and refuse one made from an older version', () => {
    const { set } = changed(withNewDestination(emptyProjectionSet, 'a', settings));
    const second = changed(withChangedDestination(set, 'a', 1, { ...settings, ttl: 600 }));
    expect(second.subject).toEqual({ ...settings, id: 'a', ttl: 600, version: 2 });
    expect(withChangedDestination(second.set, 'a', 1, settings)).toEqual({ kind: 'refused', reason: 'stale-version' });
  });

  it('are bounded', () => {
    let set = emptyProjectionSet;
    for (let index = 0; index < MOST_PROJECTIONS; index += 1) {
      set = changed(withNewDestination(set, `d${index}`, settings)).set;
    }
    expect(withNewDestination(set, 'more', settings)).toEqual({ kind: 'refused', reason: 'too-many' });
  });
});

function changed<Subject>(change: ProjectionChange<Subject>) {
  if (change.kind === 'refused') throw new Error(change.reason);
  return change;
}
