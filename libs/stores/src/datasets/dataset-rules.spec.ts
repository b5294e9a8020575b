import { faultsOfTags, rulesOf } from './dataset-rules.js';

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

describe('values of tags', () => {
  it.each(['enabled:true', 'enabled: false', ' Enabled : TRUE ', 'isUpsert:true', 'enabledAt:2026-01-01 10:00:00'])(
    'may be %j',
    (value) => {
      expect(faultsOfTags({ unifiedProfile: [value] })).toEqual([]);
    },
  );

  it.each([
    'enable:true',
    'enabled:perhaps',
    'enabled',
    'enabled:',
    'true',
    '',
    'enabled:true:false',
    'isUpserted:true',
  ])('may not be %j', (value) => {
    expect(faultsOfTags({ unifiedProfile: ['enabled:true', value] })).toEqual([
      {
        path: '/tags/unifiedProfile/1',
        message: 'must be enabled:true or enabled:false, isUpsert:true or isUpsert:false',
      },
    ]);
  });

  it('are those of their own tag', () => {
    expect(faultsOfTags({ unifiedIdentity: ['isUpsert:true'] })).toEqual([
      { path: '/tags/unifiedIdentity/0', message: 'must be enabled:true or enabled:false' },
    ]);
  });

  it('are judged as far as they are texts in lists', () => {
    for (const tags of [undefined, null, 'x', ['x'], { unifiedProfile: 'x' }, { unifiedProfile: null }]) {
      expect(faultsOfTags(tags)).toEqual([]);
    }
    expect(faultsOfTags({ unifiedIdentity: [1, 'x'] })).toMatchObject([{ path: '/tags/unifiedIdentity/1' }]);
  });

  it('are anything in tags that mean nothing, and where they were before', () => {
    expect(faultsOfTags({ note: ['enable:true'], unifiedProfile: ['x'] }, { unifiedProfile: ['x'] })).toEqual([]);
  });
});
