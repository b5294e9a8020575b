import type { Expression } from './expression.js';

/** The expressions directly within one. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
    case 'this':
    case 'element':
    case 'moment':
      return [];
    case 'array':
      return expression.items;
    case 'object':
      return expression.entries.map(([, value]) => value);
    case 'field':
      return [expression.of];
    case 'filter':
      return [expression.of, expression.condition];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.parameters;
    case 'lambda':
      return [expression.body];
    case 'let':
      return [expression.value, expression.body];
    case 'quantifier':
      return [...expression.variables.map(({ from }) => from), expression.where];
    case 'occurs': {
      const { value, occurrence } = expression;
      if (occurrence.form === 'period') return [value];
      if (occurrence.form === 'between') return [value, occurrence.first, occurrence.last];
      return occurrence.form === 'distance' ? [value, occurrence.count, occurrence.time] : [value, occurrence.time];
    }
  }
}

/** Whether any expression within one, or itself, is as asked. */
export function anyPart(expression: Expression, is: (part: Expression) => boolean): boolean {
  return is(expression) || partsOf(expression).some((part) => anyPart(part, is));
}
