import { parsedOptions, wholeNumber } from './arguments.js';
import { UsageError } from './command.js';

describe('the arguments of a command', () => {
  const options = { from: { type: 'string' }, quiet: { type: 'boolean' } } as const;

  it('are the values of its options', () => {
    expect({ ...parsedOptions(['--from', '5', '--quiet'], options, 'usage') }).toEqual({ from: '5', quiet: true });
  });

  it('may be a negative number, so that it is told what is wrong with it', () => {
    expect({ ...parsedOptions(['--from', '-1'], options, 'usage') }).toEqual({ from: '-1' });
  });

  it.each([[['--form', '5']], [['--from']], [['--from', '--quiet']], [['5']]])(
    'are refused with how the command is used: %j',
    (args) => {
      expect(() => parsedOptions(args, options, 'This is how.')).toThrow(UsageError);
      expect(() => parsedOptions(args, options, 'This is how.')).toThrow(/\n\nThis is how\.$/);
    },
  );

  it.each(['-1', '0', '1.5', '1e3', '0x10', '', ' ', 'ten', '9007199254740993'])(
    'are no whole number from 1 on: "%s"',
    (text) => {
      expect(() => wholeNumber('rows', text, 7, 1)).toThrow(
        new UsageError(`--rows takes a whole number from 1 on, not "${text}".`),
      );
    },
  );

  it('are whole numbers, or left out', () => {
    expect([wholeNumber('rows', '12', 7, 1), wholeNumber('rows', undefined, 7, 1)]).toEqual([12, 7]);
  });
});
