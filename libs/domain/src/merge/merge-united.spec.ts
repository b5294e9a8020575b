import { fragment } from './fragments.arbitrary.js';
import type { Fragment } from './fragment.js';
import type { AttributeMerge } from './merge-policy.js';
import { mergeFragments } from './merge.js';

const newest: AttributeMerge = { type: 'timestampOrdered' };
const precedence = (...order: string[]): AttributeMerge => ({ type: 'dataSetPrecedence', order });
const merged = (policy: AttributeMerge, ...fragments: Fragment[]): string =>
  JSON.stringify(mergeFragments(fragments, policy).entity);

describe('mergeFragments, identityMap', () => {
  const identities = (datasetId: string, age: number, map: string): Fragment =>
    fragment(datasetId, age, `{"identityMap":${map}}`);

  it('unites the maps of all candidates under lower-case codes, each identity once', () => {
    const one = identities('a', 1, '{"Email":[{"id":"b@x"},{"id":"a@x"}],"CRMID":[{"id":"7"}]}');
    const two = identities('b', 2, '{"email":[{"id":"a@x"},{"id":"A@x"}]}');
    expect(merged(newest, one, two)).toBe(
      '{"identityMap":{"crmid":[{"id":"7"}],"email":[{"id":"A@x"},{"id":"a@x"},{"id":"b@x"}]}}',
    );
  });

  it('keeps an identity primary where any candidate says so, and lists such first', () => {
    const one = identities('a', 1, '{"email":[{"id":"z@x","primary":true}]}');
    const two = identities('b', 2, '{"email":[{"id":"a@x","primary":false},{"id":"z@x","primary":false}]}');
    expect(merged(newest, one, two)).toBe(
      '{"identityMap":{"email":[{"id":"z@x","primary":true},{"id":"a@x","primary":false}]}}',
    );
  });

  it('takes the other fields of an identity from the best-ranked that has them', () => {
    const one = identities('a', 1, '{"ecid":[{"id":"1","authenticatedState":"ambiguous","xdm":{"k":1}}]}');
    const two = identities('b', 2, '{"ecid":[{"id":"1","authenticatedState":"authenticated","xdm":null}]}');
    expect(merged(newest, one, two)).toBe(
      '{"identityMap":{"ecid":[{"authenticatedState":"authenticated","id":"1","xdm":{"k":1}}]}}',
    );
  });

  it('unites nothing of datasets that are no candidates', () => {
    expect(
      merged(precedence('a'), identities('a', 1, '{"e":[{"id":"1"}]}'), identities('b', 2, '{"e":[{"id":"2"}]}')),
    ).toBe('{"identityMap":{"e":[{"id":"1"}]}}');
  });

  it('leaves out what names no identity', () => {
    expect(merged(newest, identities('a', 1, '{"e":[{"id":""},{"id":7},{},null,"x"],"f":"x"}'))).toBe('{}');
    expect(merged(newest, identities('a', 1, '"text"'))).toBe('{}');
  });
});

describe('mergeFragments, segmentMembership', () => {
  const member = (datasetId: string, age: number, segment: string, time: string, status: string): Fragment =>
    fragment(
      datasetId,
      age,
      `{"segmentMembership":{"ups":{"${segment}":{"lastQualificationTime":${time},"status":"${status}"}}}}`,
    );
  const statuses = (policy: AttributeMerge, ...fragments: Fragment[]): Record<string, string> => {
    const { entity } = mergeFragments(fragments, policy);
    const { ups } = entity['segmentMembership'] as { ups: Record<string, { status: string }> };
    return Object.fromEntries(Object.entries(ups).map(([segment, { status }]) => [segment, status]));
  };

  it('unites the segments, each with the entry that qualified last, whatever the rank', () => {
    const fragments = [
      member('a', 9, 's1', '"2026-01-01T00:00:00Z"', 'exited'),
      member('b', 1, 's1', '"2026-01-02T00:00:00Z"', 'realized'),
      member('c', 5, 's2', '"2020-01-01T00:00:00Z"', 'existing'),
    ];
    expect(statuses(newest, ...fragments)).toEqual({ s1: 'realized', s2: 'existing' });
  });

  it('compares instants, not texts', () => {
    const fragments = [
      member('a', 9, 's1', '"2026-01-01T23:30:00-01:00"', 'later'),
      member('b', 1, 's1', '"2026-01-02T00:00:00Z"', 'earlier'),
    ];
    expect(statuses(newest, ...fragments)).toEqual({ s1: 'later' });
  });

  it('lets the rank decide between equally late entries, and puts an entry without a time last', () => {
    const tie = [
      member('a', 9, 's1', '1767225600000', 'best'),
      member('b', 1, 's1', '"2026-01-01T00:00:00Z"', 'other'),
    ];
    expect(statuses(newest, ...tie)).toEqual({ s1: 'best' });
    expect(statuses(precedence('b', 'a'), ...tie)).toEqual({ s1: 'other' });
    const untimed = [member('a', 9, 's1', '"soon"', 'untimed'), member('b', 1, 's1', '"1970-01-01"', 'timed')];
    expect(statuses(newest, ...untimed)).toEqual({ s1: 'timed' });
  });

  it('takes an entry whole', () => {
    const later = '{"segmentMembership":{"ups":{"s1":{"lastQualificationTime":2}}}}';
    const earlier = '{"segmentMembership":{"ups":{"s1":{"lastQualificationTime":1,"status":"realized"}}}}';
    expect(merged(newest, fragment('a', 1, later), fragment('b', 2, earlier))).toBe(later);
  });
});
