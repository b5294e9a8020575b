import { isKnownContent } from './known-content.js';

const known = (header?: string) => isKnownContent({ 'if-none-match': header }, '"file-1"');

describe('If-None-Match', () => {
  it('knows content whose ETag it names, alone or among others, also as a weak one', () => {
    expect(known('"file-1"')).toBe(true);
    expect(known('"other", "file-1"')).toBe(true);
    expect(known('W/"file-1"')).toBe(true);
    expect(known(' * ')).toBe(true);
  });

  it('does not know other content', () => {
    expect(known()).toBe(false);
    expect(known('')).toBe(false);
    expect(known('"file-2"')).toBe(false);
    expect(known('file-1')).toBe(false);
    expect(known('"*"')).toBe(false);
  });
});
