import type { JsonObject } from '@tessera/contracts';
import { isInSegments } from './people-wanted.js';

const profile = {
  segmentMembership: {
    ups: {
      vip: { status: 'realized', lastQualificationTime: '2026-01-10T00:00:00Z' },
      left: { status: 'exited', lastQualificationTime: '2026-01-10T00:00:00Z' },
      undated: { status: 'existing' },
    },
    other: { vip: { status: 'exited', lastQualificationTime: 1_700_000_000_000 } },
  },
} as unknown as JsonObject;

describe('people wanted by segment', () => {
  it.each([
    ['in it, whatever its namespace', { segmentId: 'vip' }, true],
    ['in it in the wanted namespace', { segmentId: 'vip', segmentNs: 'ups' }, true],
    ['out of it in the wanted namespace', { segmentId: 'vip', segmentNs: 'other' }, false],
    ['in it in a namespace that is written otherwise', { segmentId: 'vip', segmentNs: 'UPS' }, false],
    ['out of it, when those are wanted', { segmentId: 'left', status: ['exited'] }, true],
    ['out of it', { segmentId: 'left' }, false],
    ['in a namespace that is none', { segmentId: 'vip', segmentNs: '__proto__' }, false],
    ['named like a part of every object', { segmentId: 'constructor' }, false],
  ])('are or are not those who are %s', (_name, segment, expected) => {
    expect(isInSegments(profile, { segments: [segment] })).toBe(expected);
  });

  it('are everybody when no segment is wanted, and those in any of several', () => {
    expect(isInSegments({}, {})).toBe(true);
    expect(isInSegments(profile, { segments: [{ segmentId: 'none' }, { segmentId: 'vip' }] })).toBe(true);
    expect(isInSegments(profile, { segments: [] })).toBe(false);
  });

  it('qualified from the first moment wanted up to but not including the last', () => {
    const at = Date.parse('2026-01-10T00:00:00Z');
    const within = (from: number, before: number) =>
      isInSegments(profile, { segments: [{ segmentId: 'vip' }], qualifiedFrom: from, qualifiedBefore: before });
    expect(within(at, at + 1)).toBe(true);
    expect(within(at - 1, at)).toBe(false);
    expect(within(at + 1, at + 2)).toBe(false);
    expect(isInSegments(profile, { segments: [{ segmentId: 'undated' }], qualifiedFrom: 0 })).toBe(false);
  });
});
