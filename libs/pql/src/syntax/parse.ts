import { Expectations } from './expectations.js';
import type { Expression } from './expression.js';
import { faultAt, PqlError } from './fault.js';
import { Grammar } from './grammar.js';
import { partsOf } from './parts.js';
import { lexer } from './tokens.js';

/** Bytes of UTF-8 that an expression may have (spec 11). */
export const MOST_BYTES = 4_096;

/** Operators of which each works on the result of the one before, as in `a + b + c`. */
const MOST_IN_A_ROW = 400;

const expectations = new Expectations();
const grammar = new Grammar(expectations);

/**
 * Reads the text of an expression.
 *
 * @throws PqlError with the place of the first fault and what was expected there; when the text is too long, too.
 */
export function parse(text: string): Expression {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MOST_BYTES) {
    throw new PqlError([faultAt({ line: 1, column: 1 }, `has ${bytes} bytes; an expression may have ${MOST_BYTES}`)]);
  }
  const { tokens, errors } = lexer.tokenize(text);
  const [unreadable] = errors;
  if (unreadable) {
    const { line = 1, column = 1, offset, length } = unreadable;
    const what = text.slice(offset, offset + Math.min(length, 20));
    const message = what.startsWith('"')
      ? 'a text that is not closed on its line, or has an unknown escape'
      : `unexpected ${JSON.stringify(what)}`;
    throw new PqlError([faultAt({ line, column }, message, ['an expression of PQL'])]);
  }
  const expression = grammar.read(tokens);
  const [error] = grammar.errors;
  if (!error) return withoutLongChains(expression);
  const { token } = error;
  const isEnd = Number.isNaN(token.startLine ?? NaN) || token.image === '';
  const at = isEnd ? endOf(text) : { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
  const found = isEnd ? 'the text ends here' : `unexpected '${token.image.slice(0, 40)}'`;
  throw new PqlError([faultAt(at, found, expectations.labels)]);
}

/** Chains of operators make a deep tree without being nested; whoever walks the tree must not run out of stack. */
function withoutLongChains(expression: Expression): Expression {
  let level: readonly Expression[] = [expression];
  for (let depth = 0; level.length > 0; depth += 1) {
    const [first] = level;
    if (first && depth > MOST_IN_A_ROW) {
      throw new PqlError([faultAt(first.at, `more than ${MOST_IN_A_ROW} operators build upon each other here`)]);
    }
    level = level.flatMap(partsOf);
  }
  return expression;
}

function endOf(text: string) {
  const lines = text.split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
