import fc from 'fast-check';
import { encodePageToken, pageTokenReader, ProblemError } from '../index.js';

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
