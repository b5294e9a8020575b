import { requestedRange } from './byte-range.js';

describe('the range of a download', () => {
  it.each([
    ['bytes=0-0', { from: 0, to: 1 }],
    ['bytes=2-5', { from: 2, to: 6 }],
    ['bytes=7-', { from: 7, to: 10 }],
    ['bytes=7-99', { from: 7, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-99', { from: 0, to: 10 }],
  ])('is read out of %s', (header, range) => {
    expect(requestedRange(header, 10)).toEqual(range);
  });

  it.each([undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'items=0-1', 'bytes=a-b'])(
    'is the whole for %p',
    (header) => {
      expect(requestedRange(header, 10)).toBeUndefined();
    },
  );

  it.each([
    ['bytes=10-', 10],
    ['bytes=11-12', 10],
    ['bytes=-0', 10],
    ['bytes=-1', 0],
  ])('cannot be %s of %d bytes', (header, size) => {
    expect(() => requestedRange(header, size)).toThrow('ask for some of them');
  });
});
