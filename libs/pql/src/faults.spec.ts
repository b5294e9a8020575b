import { PqlProgram } from './aggregate/program.js';
import { PqlError, type PqlFault } from './syntax/fault.js';

function faultsOf(text: string): readonly PqlFault[] {
  try {
    new PqlProgram(text);
  } catch (error) {
    if (error instanceof PqlError) return error.faults;
    throw error;
  }
  throw new Error(`nothing is wrong with ${text}`);
}

const endings = [
  ['', 1, 1, ['an expression']],
  ['a =', 1, 4, ['an expression']],
  ['xEvent[a = 1', 1, 13, ["']'"]],
  ['a\n  and', 2, 6, ['an expression']],
  ['a b', 1, 3, ['an operator', 'the end']],
  ['{"a" 1}', 1, 6, ["':'"]],
  ['let x 1 in x', 1, 7, ["'='"]],
  ['exists x in xEvent where true', 1, 10, ["'from'"]],
  ['a occurs < 3 before now', 1, 14, ['a unit of time']],
  ['a occurs < 3 days now', 1, 19, ["'before'", "'after'", "'from'"]],
  ['a.', 1, 3, ['a name']],
  ['f(1,)', 1, 5, ['an expression']],
] as const;

const meanings = [
  ['sums(a)', 1, 1, "there is no function 'sums'"],
  ['a +\n xEvent.tottal.totals()', 2, 16, "there is no function 'totals'"],
  ['a.in([1])', 1, 3, "'in' is an operator"],
  ['xEvent.topN(timestamp)', 1, 8, "'topN' takes 3 parameters, not 2"],
  ['a.startsWith("x", true, 1)', 1, 3, "'startsWith' takes 2 to 3 parameters, not 4"],
  ['1 + "a"', 1, 5, 'is a text'],
  ['not 3', 1, 5, 'is an integer'],
  ['xEvent[3]', 1, 8, 'is an integer'],
  ['1 = "a"', 1, 3, 'an integer cannot be compared with a text'],
  ['true and count(xEvent)', 1, 10, 'is an integer'],
  ['$1', 1, 1, "'$1' means nothing here: there is no element that is looked at"],
  ['a.matches(b)', 1, 11, 'the pattern must be written here'],
  ['xEvent.topN(timestamp, 1.5)', 1, 24, 'is no whole number'],
  ['date(2026, 2, 30)', 1, 1, 'there is no such day'],
  ['{"a": 1}.b', 1, 10, "there is no field 'b' here"],
  ['now.year', 1, 5, "a time has no field 'year'"],
  ['a.sum((x) => x)', 1, 3, "'sum' takes 1 parameters, not 2"],
  ['if((x) => x, 1, 2)', 1, 4, 'a function stands only where one is asked for'],
  ['3 occurs before now', 1, 1, 'is an integer'],
] as const;

describe('a fault of an expression', () => {
  it.each(endings)(
    'in %j has its place, line %i and column %i, and what was expected',
    (text, line, column, expected) => {
      expect(faultsOf(text)).toEqual([
        { line, column, message: expect.any(String) as string, expected: [...expected] },
      ]);
    },
  );

  it.each(meanings)(
    'in %j has its place, line %i and column %i, and says what is wrong',
    (text, line, column, message) => {
      expect(faultsOf(text)).toEqual([{ line, column, message, expected: expect.any(Array) as string[] }]);
    },
  );

  it.each([
    ['a @ b', 1, 3],
    ['"not closed', 1, 1],
    ['"\\x"', 1, 1],
    ['a.matches("(?=x)")', 1, 11],
    ['a.matches("(a)\\\\1")', 1, 11],
    ['a.matches("[")', 1, 11],
  ])('is found in %j by whatever reads it', (text, line, column) => {
    expect(faultsOf(text)).toMatchObject([{ line, column }]);
  });

  it('does not hide others: all of them are told, in the order of the text', () => {
    expect(faultsOf('1 + "a" > 2 and\n nothing(3) and not 4').map(({ line, column }) => [line, column])).toEqual([
      [1, 5],
      [2, 2],
      [2, 21],
    ]);
  });

  it('is more than 4 KB of text', () => {
    expect(faultsOf(`"${'é'.repeat(2_048)}"`)).toMatchObject([{ line: 1, column: 1 }]);
    expect(new PqlProgram(`"${'é'.repeat(2_047)}"`).xdmType).toBe('string');
  });

  it('is more than 64 expressions in each other', () => {
    const nested = (depth: number) => '('.repeat(depth) + '1' + ')'.repeat(depth);
    expect(new PqlProgram(nested(63)).xdmType).toBe('integer');
    expect(faultsOf(nested(64))).toMatchObject([{ line: 1, column: 65, message: 'is nested deeper than 64' }]);
    expect(faultsOf('['.repeat(4_000))).toMatchObject([{ line: 1, column: 65 }]);
  });

  it('is a chain of more than 400 operators, which is not nested', () => {
    const chain = (length: number) => Array.from({ length }, () => 'a').join(' + ');
    expect(new PqlProgram(chain(400)).evaluate([], { now: 0, profile: { a: 1 } })).toBe(400);
    expect(faultsOf(chain(800))).toMatchObject([{ message: 'more than 400 operators build upon each other here' }]);
    expect(faultsOf(`${'-'.repeat(4_000)}1`)).toMatchObject([{ line: 1, column: 402 }]);
    expect(faultsOf('exists x from '.repeat(200))).toMatchObject([{ message: 'is nested deeper than 64' }]);
    expect(faultsOf('let x = '.repeat(200))).toMatchObject([{ message: 'is nested deeper than 64' }]);
  });
});
