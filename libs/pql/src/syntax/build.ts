import type { IToken } from 'chevrotain';
import type { BinaryOperator, Expression, Moment, Position } from './expression.js';
import { Double, Integer, Text } from './tokens.js';

export function place(token: IToken): Position {
  return { line: token.startLine || 1, column: token.startColumn || 1 };
}

export function binary(operator: IToken, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator: operator.image as BinaryOperator, left, right, at: place(operator) };
}

/** Operators in front of an operand; the last one is applied first. */
export function unary(operator: '-' | 'not', tokens: readonly IToken[], operand: Expression): Expression {
  return tokens.reduceRight<Expression>(
    (inner, token) => ({ kind: 'unary', operator, operand: inner, at: place(token) }),
    operand,
  );
}

/** A field, or a function called in the manner of a method. */
export function member(of: Expression, name: IToken, parameters: readonly Expression[] | undefined): Expression {
  const at = place(name);
  if (!parameters) return { kind: 'field', of, name: name.image, at };
  return { kind: 'call', name: name.image, parameters: [of, ...parameters], at };
}

export function nameOrCall(name: IToken, parameters: readonly Expression[] | undefined): Expression {
  const at = place(name);
  return parameters ? { kind: 'call', name: name.image, parameters, at } : { kind: 'name', name: name.image, at };
}

export function thing(token: IToken): Expression {
  const at = place(token);
  if (token.image === 'this') return { kind: 'this', at };
  return token.image === '$1' ? { kind: 'element', at } : { kind: 'moment', moment: token.image as Moment, at };
}

export function literal(token: IToken): Expression {
  const at = place(token);
  const value = token.tokenType === Text ? textOf(token) : (JSON.parse(plain(token)) as number | boolean | null);
  return { kind: 'literal', value, integer: token.tokenType === Integer, at };
}

export function object(brace: IToken, entries: readonly (readonly [IToken, Expression])[]): Expression {
  return { kind: 'object', entries: entries.map(([key, value]) => [textOf(key), value]), at: place(brace) };
}

export function quantifier(
  word: IToken,
  variables: readonly { readonly name: string; readonly from: Expression }[],
  where: Expression,
): Expression {
  const kind = word.image as 'exists' | 'forall' | 'select';
  return { kind: 'quantifier', quantifier: kind, variables, where, at: place(word) };
}

function textOf({ image }: IToken): string {
  // Unlike JSON, a text may hold tabs as they are.
  return JSON.parse(image.replaceAll('\t', '\\t')) as string;
}

/** Numbers may begin with zeros, which JSON does not know. */
function plain({ image, tokenType }: IToken): string {
  return tokenType === Double || tokenType === Integer ? String(Number(image)) : image;
}
