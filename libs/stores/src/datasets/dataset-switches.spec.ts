import type { DatasetRules } from './dataset.js';
import { feedsProfilesAt, switchesAfter, type DatasetSwitch } from './dataset-switches.js';

const rules = (profile: boolean): DatasetRules => ({ behavior: 'record', profile, identity: true, upsert: false });

describe('switches of a dataset', () => {
  it('decide by the time of acceptance, before the first one by what was before', () => {
    const switches: DatasetSwitch[] = [
      { at: 10, profile: false },
      { at: 20, profile: true },
      { at: 20, profile: false },
      { at: 30, profile: true },
    ];
    const enabled = [9, 10, 19, 20, 29, 30, 31].map((at) => feedsProfilesAt({ rules: rules(true), switches }, at));
    expect(enabled).toEqual([true, false, false, false, false, true, true]);
  });

  it('are none where nothing was switched', () => {
    expect(feedsProfilesAt({ rules: rules(true) }, 5)).toBe(true);
    expect(feedsProfilesAt({ rules: rules(false) }, 5)).toBe(false);
    expect(switchesAfter({ rules: rules(true) }, rules(true), 7)).toEqual([]);
  });

  it('are remembered in order, the latest hundred of them', () => {
    let dataset: { rules: DatasetRules; switches: readonly DatasetSwitch[] } = { rules: rules(true), switches: [] };
    for (let now = 1; now <= 150; now += 1) {
      const next = rules(!dataset.rules.profile);
      dataset = { switches: switchesAfter(dataset, next, now === 150 ? 3 : now), rules: next };
    }
    expect(dataset.switches).toHaveLength(100);
    expect(dataset.switches.at(-1)).toEqual({ at: 149, profile: true });
    expect(feedsProfilesAt(dataset, 1)).toBe(true);
    expect(feedsProfilesAt(dataset, 148)).toBe(true);
  });
});
