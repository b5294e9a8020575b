import fc from 'fast-check';
import { xidOf } from './xid.js';
import { XID_SAMPLE_SHARE, xidRanges, xidSample, type XidRange } from './xid-ranges.js';

const tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const xids = Array.from({ length: 20_000 }, (_, index) => xidOf(tenant, 'email', `p${index}@example.com`));

function holds({ after, before }: XidRange, xid: string): boolean {
  return xid > after && (before === undefined || xid < before);
}

describe('ranges of XIDs', () => {
  it('hold every XID exactly once', () => {
    const one = fc.constantFrom(...xids);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_096 }), one, (count, xid) => {
        expect(xidRanges(count).filter((range) => holds(range, xid))).toHaveLength(1);
      }),
    );
  });

  it('are as many as asked for, in order and without gaps', () => {
    for (const count of [1, 2, 7, 64, 100, 4_096]) {
      const ranges = xidRanges(count);
      expect(ranges).toHaveLength(count);
      expect(ranges[0]?.after).toBe('');
      expect(ranges.at(-1)?.before).toBeUndefined();
      for (const [index, { before }] of ranges.slice(0, -1).entries()) {
        expect(before).toBe(ranges[index + 1]?.after);
        expect(String(ranges[index]?.after) < String(before)).toBe(true);
      }
    }
  });

  it('hold about equally many', () => {
    for (const range of xidRanges(10)) {
      const count = xids.filter((xid) => holds(range, xid)).length;
      expect(count).toBeGreaterThan(1_800);
      expect(count).toBeLessThan(2_200);
    }
  });

  it('estimate a number of XIDs by a sample', () => {
    const estimate = xids.filter((xid) => holds(xidSample, xid)).length / XID_SAMPLE_SHARE;
    expect(estimate).toBeGreaterThan(15_000);
    expect(estimate).toBeLessThan(25_000);
  });

  it.each([0, -1, 1.5, 4_097])('cannot be %p', (count) => {
    expect(() => xidRanges(count)).toThrow(RangeError);
  });
});
