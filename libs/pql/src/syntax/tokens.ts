import { createToken, Lexer, type TokenType } from 'chevrotain';
import { units, type Unit } from './expression.js';

/** Any word that may name a field, and so may every keyword after a dot. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a name' });
const word = /[\p{L}_][\p{L}\p{N}_]*/uy;
export const Identifier = createToken({
  name: 'Identifier',
  // The lexer would take the flag for Unicode from a pattern of its own.
  pattern: (text: string, offset: number) => {
    word.lastIndex = offset;
    return word.exec(text);
  },
  line_breaks: false,
  categories: [Name],
  label: 'a name',
});
/** A keyword that only means something in its place, and is an ordinary name everywhere else. */
export const SoftName = createToken({ name: 'SoftName', pattern: Lexer.NA, label: 'a name' });

function keyword(word: string, categories: TokenType[] = []): TokenType {
  return createToken({
    name: `Keyword_${word}`,
    pattern: word,
    longer_alt: Identifier,
    categories: [Name, ...categories],
    label: `'${word}'`,
  });
}

function mark(name: string, pattern: string): TokenType {
  return createToken({ name, pattern, label: `'${pattern}'` });
}

export const UnitName = createToken({ name: 'UnitName', pattern: Lexer.NA, label: 'a unit of time' });

const pluralOf: Partial<Record<Unit, readonly string[]>> = {
  century: ['centuries'],
  millennium: ['millennia', 'millenniums'],
};
/** Spellings of units, the longer ones first. */
const unitSpellings = new Map<string, Unit>(
  units.flatMap((unit) => [...(pluralOf[unit] ?? [`${unit}s`]), unit].map((word) => [word, unit] as const)),
);
const unitTokens = [...unitSpellings.keys()]
  .sort((left, right) => right.length - left.length)
  .map((word) => keyword(word, [SoftName, UnitName]));

export function unitOf(spelling: string): Unit {
  return unitSpellings.get(spelling) as Unit;
}

export const words = {
  and: keyword('and'),
  or: keyword('or'),
  notIn: keyword('notIn'),
  not: keyword('not'),
  in: keyword('in'),
  like: keyword('like'),
  exists: keyword('exists'),
  forall: keyword('forall'),
  select: keyword('select'),
  where: keyword('where'),
  let: keyword('let'),
  true: keyword('true'),
  false: keyword('false'),
  null: keyword('null'),
  this: keyword('this'),
  occurs: keyword('occurs'),
  now: keyword('now'),
  today: keyword('today'),
  yesterday: keyword('yesterday'),
  tomorrow: keyword('tomorrow'),
  from: keyword('from', [SoftName]),
  before: keyword('before', [SoftName]),
  after: keyword('after', [SoftName]),
  on: keyword('on', [SoftName]),
  between: keyword('between', [SoftName]),
  last: keyword('last', [SoftName]),
  next: keyword('next', [SoftName]),
};

export const marks = {
  arrow: mark('Arrow', '=>'),
  notEqual: mark('NotEqual', '!='),
  lessOrEqual: mark('LessOrEqual', '<='),
  greaterOrEqual: mark('GreaterOrEqual', '>='),
  equal: mark('Equal', '='),
  less: mark('Less', '<'),
  greater: mark('Greater', '>'),
  plus: mark('Plus', '+'),
  minus: mark('Minus', '-'),
  times: mark('Times', '*'),
  divided: mark('Divided', '/'),
  remainder: mark('Remainder', '%'),
  leftParenthesis: mark('LeftParenthesis', '('),
  rightParenthesis: mark('RightParenthesis', ')'),
  leftBracket: mark('LeftBracket', '['),
  rightBracket: mark('RightBracket', ']'),
  leftBrace: mark('LeftBrace', '{'),
  rightBrace: mark('RightBrace', '}'),
  comma: mark('Comma', ','),
  colon: mark('Colon', ':'),
  dot: mark('Dot', '.'),
  element: mark('Element', '$1'),
};

export const Text = createToken({
  name: 'Text',
  pattern: /"(?:[^"\\\n\r]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/,
  label: 'a text in double quotes',
});
export const Double = createToken({
  name: 'Double',
  pattern: /\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/,
  label: 'a number',
});
export const Integer = createToken({ name: 'Integer', pattern: /\d+/, label: 'a number' });
const Space = createToken({ name: 'Space', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true });

export const vocabulary: TokenType[] = [
  Space,
  ...unitTokens,
  ...Object.values(words),
  Identifier,
  ...Object.values(marks),
  Text,
  Double,
  Integer,
  Name,
  SoftName,
  UnitName,
];

export const lexer = new Lexer(vocabulary, { positionTracking: 'full', ensureOptimizations: false });
