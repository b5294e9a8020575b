import { rulesOf } from './dataset-rules.js';

describe('rules of a dataset', () => {
  it.each([
    ['enabled:true', true],
    ['enabled: true', true],
    [' Enabled : TRUE ', true],
    ['enabled:false', false],
    ['enabled', false],
    ['disabled:true', false],
    ['enabled:truely', false],
  ])('reads the tag value %j', (value, enabled) => {
    expect(rulesOf({ unifiedProfile: [value], unifiedIdentity: [value] }, 'record')).toEqual({
      behavior: 'record',
      profile: enabled,
      identity: enabled,
      upsert: false,
    });
  });

  it('takes every tag for itself, and the last of repeated flags', () => {
    const tags = {
      unifiedProfile: ['enabled:true', 'enabledAt:2026-01-01 10:00:00', 'isUpsert: true', 'enabled:false'],
    };
    expect(rulesOf(tags, 'record')).toMatchObject({ profile: false, identity: false, upsert: true });
  });

  it('lets no dataset of events change fields of earlier ones', () => {
    expect(rulesOf({ unifiedProfile: ['enabled:true', 'isUpsert:true'] }, 'time-series')).toMatchObject({
      profile: true,
      upsert: false,
    });
  });

  it('reads no tag a prototype has', () => {
    expect(rulesOf({}, 'record')).toMatchObject({ profile: false, identity: false });
  });
});
