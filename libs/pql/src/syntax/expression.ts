/** Where something stands in the text of an expression. Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type MembershipOperator = 'in' | 'notIn';
export type BinaryOperator = 'and' | 'or' | 'like' | ComparisonOperator | ArithmeticOperator | MembershipOperator;

export const units = [
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
  'decade',
  'century',
  'millennium',
] as const;
export type Unit = (typeof units)[number];

export type Moment = 'now' | 'today' | 'yesterday' | 'tomorrow';

/** When something is asked to occur. */
export type Occurrence =
  | {
      readonly form: 'distance';
      readonly comparison: ComparisonOperator;
      readonly count: Expression;
      readonly unit: Unit;
      /** `from` means `after`. */
      readonly direction: 'before' | 'after';
      readonly time: Expression;
    }
  | { readonly form: 'before' | 'after' | 'on'; readonly time: Expression }
  | { readonly form: 'between'; readonly first: Expression; readonly last: Expression }
  | { readonly form: 'period'; readonly period: 'this' | 'last' | 'next'; readonly unit: Unit };

type Node =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly integer: boolean }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] }
  /** A variable, or a field of what the expression is about at this place. */
  | { readonly kind: 'name'; readonly name: string }
  /** What the expression is about at this place. */
  | { readonly kind: 'this' }
  /** `$1`: the element that a filter or a function of arrays is looking at. */
  | { readonly kind: 'element' }
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'filter'; readonly of: Expression; readonly condition: Expression }
  | { readonly kind: 'unary'; readonly operator: '-' | 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `f(a, b)` and `a.f(b)` are the same. */
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | { readonly kind: 'lambda'; readonly parameter: string; readonly body: Expression }
  | { readonly kind: 'let'; readonly name: string; readonly value: Expression; readonly body: Expression }
  | {
      readonly kind: 'quantifier';
      readonly quantifier: 'exists' | 'forall' | 'select';
      readonly variables: readonly { readonly name: string; readonly from: Expression }[];
      readonly where: Expression;
    }
  | { readonly kind: 'moment'; readonly moment: Moment }
  | { readonly kind: 'occurs'; readonly value: Expression; readonly occurrence: Occurrence };

/** One expression of the language, with the place of its first character (of its operator, for binary ones). */
export type Expression = Node & { readonly at: Position };
export type ExpressionOf<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;
