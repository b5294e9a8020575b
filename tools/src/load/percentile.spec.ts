import fc from 'fast-check';
import { median, percentile, summarise } from './percentile.js';

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 200 });

describe('percentiles', () => {
  it('takes the value at the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.01, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('is the smallest measured value that the share of all values does not exceed', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1000 }), (sample, thousandths) => {
        const share = thousandths / 1000;
        const result = percentile(sample, share);
        const needed = share * sample.length;
        expect(sample).toContain(result);
        expect(sample.filter((value) => value <= result).length).toBeGreaterThanOrEqual(needed);
        expect(sample.filter((value) => value < result).length).toBeLessThan(needed);
      }),
    );
  });

  it('leaves the measured values in their order', () => {
    const sample = [3, 1, 2];
    percentile(sample, 0.5);
    median(sample);
    expect(sample).toEqual([3, 1, 2]);
  });

  it('takes the mean of the two middle values as the median of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
  });

  it('refuses to summarise nothing', () => {
    expect(() => summarise([])).toThrow(RangeError);
    expect(() => median([])).toThrow(RangeError);
    expect(() => percentile([1], 0)).toThrow(RangeError);
  });
});
