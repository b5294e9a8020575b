import { requestedRange } from './byte-range.js';

const etag = '"01B-0"';

describe('the range of a download', () => {
  it.each([
    ['bytes=0-0', { from: 0, to: 1 }],
    ['bytes=2-5', { from: 2, to: 6 }],
    ['bytes=7-', { from: 7, to: 10 }],
    ['bytes=7-99', { from: 7, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-99', { from: 0, to: 10 }],
    ['bytes=7-1000000000000000', { from: 7, to: 10 }],
    ['bytes=000000000000000007-000000000000000008', { from: 7, to: 9 }],
  ])('is read out of %s', (range, expected) => {
    expect(requestedRange({ range }, { size: 10, etag })).toEqual(expected);
  });

  it.each([
    ...[undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'items=0-1', 'bytes=a-b'],
    'bytes=10000000000000001-10000000000000000',
  ])('is the whole for %p', (range) => {
    expect(requestedRange({ range }, { size: 10, etag })).toBeUndefined();
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=11-12', 10],
    ['bytes=-0', 10],
    ['bytes=-1', 0],
    ['bytes=1000000000000000-', 10],
  ])('cannot be %s of %d bytes', (range, size) => {
    expect(() => requestedRange({ range }, { size, etag })).toThrow('ask for some of them');
  });

  it('has positions of any length', () => {
    const rangeOf = (range: string) => requestedRange({ range }, { size: 10, etag });
    const huge = '9'.repeat(400);
    expect(rangeOf(`bytes=7-${huge}`)).toEqual({ from: 7, to: 10 });
    expect(rangeOf(`bytes=-${huge}`)).toEqual({ from: 0, to: 10 });
    expect(() => rangeOf(`bytes=${huge}-`)).toThrow('ask for some of them');
    expect(() => rangeOf(`bytes=${huge}-${huge}`)).toThrow('ask for some of them');
  });

  it('is kept where If-Range has the ETag of the content', () => {
    const headers = { range: 'bytes=2-5', 'if-range': etag };
    expect(requestedRange(headers, { size: 10, etag })).toEqual({ from: 2, to: 6 });
  });

  it.each(['"01B-1"', `W/${etag}`, '01B-0', '', 'Thu, 01 Jan 2026 00:00:00 GMT'])(
    'is the whole, also of a range beyond the end, where If-Range is %p',
    (condition) => {
      const headers = { range: 'bytes=20-', 'if-range': condition };
      expect(requestedRange(headers, { size: 10, etag })).toBeUndefined();
    },
  );
});
