import type { Expression } from '../syntax/expression.js';

/** What an expression does with events, as the API names it; `EXPRESSION` where it is none of the usual ones. */
export type MergeFunction =
  'SUM' | 'COUNT' | 'AVERAGE' | 'MIN' | 'MAX' | 'MOST_RECENT' | 'LIST' | 'DISTINCT' | 'BOOLEAN' | 'EXPRESSION';

const byFunction: Readonly<Record<string, MergeFunction>> = {
  sum: 'SUM',
  count: 'COUNT',
  average: 'AVERAGE',
  min: 'MIN',
  max: 'MAX',
  distinct: 'DISTINCT',
};

export function mergeFunctionOf(expression: Expression): MergeFunction {
  if (expression.kind === 'call') {
    const found = Object.hasOwn(byFunction, expression.name) ? byFunction[expression.name] : undefined;
    if (found) return found;
    const [of] = expression.parameters;
    if (expression.name === 'head' && of && newestOf(of)) return 'MOST_RECENT';
    if (newestOf(expression)) return 'LIST';
  }
  if (expression.kind === 'quantifier' && expression.quantifier !== 'select') return 'BOOLEAN';
  if (expression.kind === 'occurs') return 'BOOLEAN';
  if (expression.kind === 'unary' && expression.operator === 'not') return 'BOOLEAN';
  if (expression.kind !== 'binary' || ['+', '-', '*', '/', '%'].includes(expression.operator)) return 'EXPRESSION';
  return 'BOOLEAN';
}

/** `….topN(timestamp, n)`, and what is made of each of those. */
function newestOf(expression: Expression): boolean {
  if (expression.kind !== 'call') return false;
  const [of, key] = expression.parameters;
  if (expression.name === 'map') return of !== undefined && newestOf(of);
  return expression.name === 'topN' && key?.kind === 'name' && key.name === 'timestamp';
}
