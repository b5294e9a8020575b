import { CommandError } from '../command/command.js';
import { publicFiles, verified } from './public-data.js';

// SHA-256 of "abc" (FIPS 180-2, appendix B.1).
const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('public data', () => {
  it('takes a file whose checksum is the expected one', () => {
    const content = Buffer.from('abc');
    expect(verified(content, ofAbc, 'letters.txt', 'cache/letters')).toBe(content);
  });

  it('refuses a file with any other content and names it', () => {
    expect(() => verified(Buffer.from('abd'), ofAbc, 'letters.txt', 'cache/letters')).toThrow(CommandError);
    expect(() => verified(Buffer.from('abd'), ofAbc, 'letters.txt', 'cache/letters')).toThrow(
      /^letters\.txt.*Remove cache\/letters,/s,
    );
  });

  it('pins a whole SHA-256 for every file and every wheel', () => {
    for (const { sha256, wheel } of Object.values(publicFiles)) {
      expect([sha256, wheel.sha256]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
    }
  });
});
