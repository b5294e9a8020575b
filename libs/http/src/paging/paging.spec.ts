import fc from 'fast-check';
import { encodePageToken, pageTokenReader, ProblemError, startOfPage } from '../index.js';

const readPlace = pageTokenReader<{ name: string; after: number }>({
  type: 'object',
  required: ['name', 'after'],
  properties: { name: { type: 'string' }, after: { type: 'integer' } },
  additionalProperties: false,
});

describe('page tokens', () => {
  it('lead back to the place they were made from, and are safe in a URL', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (name, after) => {
        const token = encodePageToken({ name, after });
        expect(token).toMatch(/^[\w-]+$/);
        expect(readPlace(token)).toEqual({ name, after });
      }),
    );
  });

  it('are refused when anything else is given, and never do anything worse', () => {
    fc.assert(fc.property(fc.string(), (token) => void expect(() => readPlace(token)).toThrow(ProblemError)));
    const forged = Buffer.from('{"name":{"$gt":""},"after":1}').toString('base64url');
    expect(() => readPlace(forged)).toThrow(ProblemError);
  });
});

describe('a list that takes start and page', () => {
  it('begins where either says, or both at once', () => {
    expect(startOfPage({}, 10)).toBe(0);
    expect(startOfPage({ start: 7 }, 10)).toBe(7);
    expect(startOfPage({ page: 2 }, 10)).toBe(20);
    expect(startOfPage({ start: 20, page: 2 }, 10)).toBe(20);
    expect(startOfPage({ start: 2, page: 2 }, 1)).toBe(2);
  });

  it('refuses two that name different pages', () => {
    for (const start of [0, 2, 21]) expect(() => startOfPage({ start, page: 2 }, 10)).toThrow(ProblemError);
  });
});
