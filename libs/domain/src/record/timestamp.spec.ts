import fc from 'fast-check';
import { parseTimestamp } from './timestamp.js';
import { acceptedAtOfVersion, ageOfVersion, batchPosition, isOfBatch, versionOf } from './version.js';

describe('a timestamp', () => {
  it.each([
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02T03:04:05.678Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02T03:04:05.678999999Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02T03:04:05+05:30', Date.UTC(2026, 0, 1, 21, 34, 5)],
    ['2026-01-02T03:04:05-0800', Date.UTC(2026, 0, 2, 11, 4, 5)],
    ['2026-01-02T03:04:05+01', Date.UTC(2026, 0, 2, 2, 4, 5)],
    ['2026-01-02T03:04', Date.UTC(2026, 0, 2, 3, 4)],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['0001-01-01T00:00:00Z', Date.parse('0001-01-01T00:00:00Z')],
  ])('%s is read', (text, time) => {
    expect(parseTimestamp(text)).toBe(time);
  });

  it.each([
    '',
    'now',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60Z',
    '20260101',
    '1700000000',
  ])('%p is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it('reads back every instant that has an ISO form', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

describe('the version of a record', () => {
  const anyRecord = fc.record({
    age: fc.integer({ min: -8.64e15, max: 8.64e15 }),
    acceptedAt: fc.integer({ min: 0, max: 4e12 }),
    position: fc.nat(1e6).map((place) => place.toString(36).padStart(8, '0')),
  });

  it('orders records by age, then acceptance, then place', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        const expected =
          a.age - b.age ||
          a.acceptedAt - b.acceptedAt ||
          (a.position < b.position ? -1 : a.position > b.position ? 1 : 0);
        const [x, y] = [versionOf(a.age, a), versionOf(b.age, b)];
        expect(Math.sign(x < y ? -1 : x > y ? 1 : 0)).toBe(Math.sign(expected));
      }),
    );
  });

  it('tells its age, its acceptance, and the batch it is of', () => {
    fc.assert(
      // From the year 13,607 on a version is exact to two milliseconds only.
      fc.property(anyRecord, fc.integer({ min: -8.64e15, max: 3e14 }), ({ acceptedAt, position }, age) => {
        const version = versionOf(age, { acceptedAt, position: batchPosition('01J', position) });
        expect([ageOfVersion(version), acceptedAtOfVersion(version)]).toEqual([age, acceptedAt]);
        expect(['01J', '01', '01JX'].map((batchId) => isOfBatch(version, batchId))).toEqual([true, false, false]);
      }),
    );
  });

  it('exists only for what a date can express', () => {
    expect(() => versionOf(Number.NaN, { acceptedAt: 0, position: '' })).toThrow(RangeError);
    expect(() => versionOf(9e15, { acceptedAt: 0, position: '' })).toThrow(RangeError);
  });
});
