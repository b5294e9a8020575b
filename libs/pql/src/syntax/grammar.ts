import type { IToken } from 'chevrotain';
import * as build from './build.js';
import type { Expectations } from './expectations.js';
import type { ComparisonOperator, Expression, Occurrence } from './expression.js';
import { PrimaryGrammar } from './primary-grammar.js';
import { marks, unitOf, UnitName, words } from './tokens.js';

/** The grammar of the language: one method for each level of precedence, loosest first. */
export class Grammar extends PrimaryGrammar {
  constructor(expectations: Expectations) {
    super(expectations);
    this.performSelfAnalysis();
  }

  /** @throws PqlError for text that is nested too deep. Other faults are among `errors`, and what is returned means nothing. */
  read(tokens: IToken[]): Expression {
    this.input = tokens;
    this.nesting = 0;
    this.withoutIn = false;
    return this.expression();
  }

  override readonly expression = this.RULE('expression', (): Expression => {
    const before = this.ACTION(() => this.enter({ withoutIn: false }));
    const result = this.SUBRULE(this.disjunction);
    this.ACTION(() => this.leave(before));
    return result;
  });

  protected readonly disjunction = this.RULE('disjunction', (): Expression => {
    let left = this.SUBRULE(this.conjunction);
    this.MANY(() => {
      const operator = this.CONSUME(words.or);
      const right = this.SUBRULE2(this.conjunction);
      left = this.ACTION(() => build.binary(operator, left, right));
    });
    return left;
  });

  protected readonly conjunction = this.RULE('conjunction', (): Expression => {
    let left = this.SUBRULE(this.negation);
    this.MANY(() => {
      const operator = this.CONSUME(words.and);
      const right = this.SUBRULE2(this.negation);
      left = this.ACTION(() => build.binary(operator, left, right));
    });
    return left;
  });

  protected readonly negation = this.RULE('negation', (): Expression => {
    const operators: IToken[] = [];
    this.MANY(() => operators.push(this.CONSUME(words.not)));
    const operand = this.SUBRULE(this.comparison);
    return this.ACTION(() => build.unary('not', operators, operand));
  });

  protected readonly comparison = this.RULE('comparison', (): Expression => {
    const left = this.SUBRULE(this.sum);
    return (
      this.OPTION({
        GATE: () => this.mayCompare(),
        DEF: () =>
          this.OR([
            {
              ALT: () => {
                const operator = this.SUBRULE(this.comparisonOperator);
                const right = this.SUBRULE2(this.sum);
                return this.ACTION(() => build.binary(operator, left, right));
              },
            },
            {
              ALT: () => {
                const operator = this.CONSUME(words.in);
                const right = this.SUBRULE3(this.sum);
                return this.ACTION(() => build.binary(operator, left, right));
              },
            },
            {
              ALT: () => {
                const operator = this.OR2([
                  { ALT: () => this.CONSUME(words.notIn) },
                  { ALT: () => this.CONSUME(words.like) },
                ]);
                const right = this.SUBRULE4(this.sum);
                return this.ACTION(() => build.binary(operator, left, right));
              },
            },
            {
              ALT: (): Expression => {
                const operator = this.CONSUME(words.occurs);
                const occurrence = this.SUBRULE(this.occurrence);
                return this.ACTION(() => ({ kind: 'occurs', value: left, occurrence, at: build.place(operator) }));
              },
            },
          ]),
      }) ?? left
    );
  });

  protected readonly comparisonOperator = this.RULE('comparisonOperator', (): IToken =>
    this.OR([
      { ALT: () => this.CONSUME(marks.equal) },
      { ALT: () => this.CONSUME(marks.notEqual) },
      { ALT: () => this.CONSUME(marks.lessOrEqual) },
      { ALT: () => this.CONSUME(marks.less) },
      { ALT: () => this.CONSUME(marks.greaterOrEqual) },
      { ALT: () => this.CONSUME(marks.greater) },
    ]),
  );

  protected readonly occurrence = this.RULE('occurrence', (): Occurrence =>
    this.OR({
      DEF: [
        {
          ALT: () => {
            const comparison = this.SUBRULE(this.comparisonOperator);
            const count = this.SUBRULE(this.sum);
            const unit = this.CONSUME(UnitName);
            const direction = this.OR2([
              { ALT: () => this.CONSUME(words.before) },
              { ALT: () => this.CONSUME(words.after) },
              { ALT: () => this.CONSUME(words.from) },
            ]);
            const time = this.SUBRULE2(this.sum);
            return this.ACTION(() => ({
              form: 'distance' as const,
              comparison: comparison.image as ComparisonOperator,
              count,
              unit: unitOf(unit.image),
              direction: direction.image === 'before' ? ('before' as const) : ('after' as const),
              time,
            }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(words.between);
            const first = this.SUBRULE3(this.sum);
            this.CONSUME(words.and);
            const last = this.SUBRULE4(this.sum);
            return { form: 'between' as const, first, last };
          },
        },
        {
          ALT: () => {
            const period = this.OR3([
              { ALT: () => this.CONSUME(words.this) },
              { ALT: () => this.CONSUME(words.last) },
              { ALT: () => this.CONSUME(words.next) },
            ]);
            const unit = this.CONSUME2(UnitName);
            return this.ACTION(() => ({
              form: 'period' as const,
              period: period.image as 'this' | 'last' | 'next',
              unit: unitOf(unit.image),
            }));
          },
        },
        {
          ALT: () => {
            const form = this.OR4([
              { ALT: () => this.CONSUME2(words.before) },
              { ALT: () => this.CONSUME2(words.after) },
              { ALT: () => this.CONSUME(words.on) },
            ]);
            const time = this.SUBRULE5(this.sum);
            return this.ACTION(() => ({ form: form.image as 'before' | 'after' | 'on', time }));
          },
        },
        { ALT: () => ({ form: 'on' as const, time: this.SUBRULE6(this.sum) }) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  protected readonly sum = this.RULE('sum', (): Expression => {
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(marks.plus) }, { ALT: () => this.CONSUME(marks.minus) }]);
      const right = this.SUBRULE2(this.product);
      left = this.ACTION(() => build.binary(operator, left, right));
    });
    return left;
  });

  protected readonly product = this.RULE('product', (): Expression => {
    let left = this.SUBRULE(this.signed);
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(marks.times) },
        { ALT: () => this.CONSUME(marks.divided) },
        { ALT: () => this.CONSUME(marks.remainder) },
      ]);
      const right = this.SUBRULE2(this.signed);
      left = this.ACTION(() => build.binary(operator, left, right));
    });
    return left;
  });

  protected readonly signed = this.RULE('signed', (): Expression => {
    const operators: IToken[] = [];
    this.MANY(() => operators.push(this.CONSUME(marks.minus)));
    const operand = this.SUBRULE(this.path);
    return this.ACTION(() => build.unary('-', operators, operand));
  });

  /** `in` ends the value of a `let`. */
  private mayCompare(): boolean {
    return !(this.withoutIn && this.LA(1).tokenType === words.in);
  }
}
