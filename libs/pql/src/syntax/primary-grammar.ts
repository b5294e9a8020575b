import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import * as build from './build.js';
import type { Expression } from './expression.js';
import { faultAt, PqlError } from './fault.js';
import type { Expectations } from './expectations.js';
import { Double, Identifier, Integer, marks, Name, SoftName, Text, vocabulary, words } from './tokens.js';

/** How deep expressions may be in each other (spec 11). */
export const MOST_NESTING = 64;

/** The part of the grammar below its operators: paths, calls, literals, and what brings names of its own. */
export abstract class PrimaryGrammar extends EmbeddedActionsParser {
  /** Within the value of a `let`, where `in` begins its body. */
  protected withoutIn = false;
  protected nesting = 0;

  abstract readonly expression: ParserMethod<[], Expression>;
  protected abstract readonly disjunction: ParserMethod<[], Expression>;

  constructor(expectations: Expectations) {
    super(vocabulary, { maxLookahead: 3, errorMessageProvider: expectations });
  }

  protected readonly path = this.RULE('path', (): Expression => {
    let result = this.SUBRULE(this.primary);
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(marks.dot);
            const name = this.CONSUME(Name);
            const parameters = this.OPTION(() => this.SUBRULE(this.parameters));
            result = this.ACTION(() => build.member(result, name, parameters));
          },
        },
        {
          ALT: () => {
            const bracket = this.CONSUME(marks.leftBracket);
            const condition = this.SUBRULE(this.expression);
            this.CONSUME(marks.rightBracket);
            result = this.ACTION(() => ({ kind: 'filter', of: result, condition, at: build.place(bracket) }));
          },
        },
      ]),
    );
    return result;
  });

  protected readonly primary = this.RULE('primary', (): Expression =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.literal) },
        { ALT: () => this.SUBRULE(this.array) },
        { ALT: () => this.SUBRULE(this.object) },
        { ALT: () => this.SUBRULE(this.thing) },
        { ALT: () => this.SUBRULE(this.binding) },
        { ALT: () => this.SUBRULE(this.quantifier) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
        {
          ALT: () => {
            this.CONSUME(marks.leftParenthesis);
            const inner = this.SUBRULE(this.expression);
            this.CONSUME(marks.rightParenthesis);
            return inner;
          },
        },
      ],
    }),
  );

  protected readonly nameOrCall = this.RULE('nameOrCall', (): Expression => {
    const name = this.SUBRULE(this.freeName);
    const parameters = this.OPTION(() => this.SUBRULE(this.parameters));
    return this.ACTION(() => build.nameOrCall(name, parameters));
  });

  protected readonly freeName = this.RULE('freeName', (): IToken =>
    this.OR([{ ALT: () => this.CONSUME(Identifier) }, { ALT: () => this.CONSUME(SoftName) }]),
  );

  protected readonly thing = this.RULE('thing', (): Expression => {
    const token = this.OR([
      { ALT: () => this.CONSUME(words.this) },
      { ALT: () => this.CONSUME(marks.element) },
      { ALT: () => this.CONSUME(words.now) },
      { ALT: () => this.CONSUME(words.today) },
      { ALT: () => this.CONSUME(words.yesterday) },
      { ALT: () => this.CONSUME(words.tomorrow) },
    ]);
    return this.ACTION(() => build.thing(token));
  });

  protected readonly literal = this.RULE('literal', (): Expression => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Text) },
      { ALT: () => this.CONSUME(Double) },
      { ALT: () => this.CONSUME(Integer) },
      { ALT: () => this.CONSUME(words.true) },
      { ALT: () => this.CONSUME(words.false) },
      { ALT: () => this.CONSUME(words.null) },
    ]);
    return this.ACTION(() => build.literal(token));
  });

  protected readonly array = this.RULE('array', (): Expression => {
    const items: Expression[] = [];
    const bracket = this.CONSUME(marks.leftBracket);
    this.MANY_SEP({ SEP: marks.comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    this.CONSUME(marks.rightBracket);
    return this.ACTION(() => ({ kind: 'array', items, at: build.place(bracket) }));
  });

  protected readonly object = this.RULE('object', (): Expression => {
    const entries: [IToken, Expression][] = [];
    const brace = this.CONSUME(marks.leftBrace);
    this.MANY_SEP({
      SEP: marks.comma,
      DEF: () => {
        const key = this.CONSUME(Text);
        this.CONSUME(marks.colon);
        entries.push([key, this.SUBRULE(this.expression)]);
      },
    });
    this.CONSUME(marks.rightBrace);
    return this.ACTION(() => build.object(brace, entries));
  });

  protected readonly parameters = this.RULE('parameters', (): Expression[] => {
    const parameters: Expression[] = [];
    this.CONSUME(marks.leftParenthesis);
    this.MANY_SEP({ SEP: marks.comma, DEF: () => parameters.push(this.SUBRULE(this.parameter)) });
    this.CONSUME(marks.rightParenthesis);
    return parameters;
  });

  private readonly parameter = this.RULE('parameter', (): Expression =>
    this.OR([
      { GATE: () => this.isLambda(), ALT: () => this.SUBRULE(this.lambda), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.expression) },
    ]),
  );

  private readonly lambda = this.RULE('lambda', (): Expression => {
    const parenthesis = this.CONSUME(marks.leftParenthesis);
    const parameter = this.SUBRULE(this.freeName);
    this.CONSUME(marks.rightParenthesis);
    this.CONSUME(marks.arrow);
    const body = this.SUBRULE(this.expression);
    return this.ACTION(() => ({ kind: 'lambda', parameter: parameter.image, body, at: build.place(parenthesis) }));
  });

  private readonly binding = this.RULE('binding', (): Expression => {
    const word = this.CONSUME(words.let);
    const name = this.SUBRULE(this.freeName);
    this.CONSUME(marks.equal);
    const before = this.ACTION(() => this.enter({ withoutIn: true }));
    const value = this.SUBRULE(this.disjunction);
    this.ACTION(() => this.leave(before));
    this.CONSUME(words.in);
    const body = this.SUBRULE(this.expression);
    return this.ACTION(() => ({ kind: 'let', name: name.image, value, body, at: build.place(word) }));
  });

  private readonly quantifier = this.RULE('quantifier', (): Expression => {
    const word = this.OR([
      { ALT: () => this.CONSUME(words.exists) },
      { ALT: () => this.CONSUME(words.forall) },
      { ALT: () => this.CONSUME(words.select) },
    ]);
    const variables: { name: string; from: Expression }[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: marks.comma,
      DEF: () => {
        const name = this.SUBRULE(this.freeName);
        this.CONSUME(words.from);
        const from = this.SUBRULE(this.expression);
        this.ACTION(() => variables.push({ name: name.image, from }));
      },
    });
    this.CONSUME(words.where);
    const where = this.SUBRULE2(this.expression);
    return this.ACTION(() => build.quantifier(word, variables, where));
  });

  private isLambda(): boolean {
    const [third, fourth] = [this.LA(3), this.LA(4)];
    return third.tokenType === marks.rightParenthesis && fourth.tokenType === marks.arrow;
  }

  /** Begins an expression within another one. @returns what `leave` is to be given at its end. */
  protected enter({ withoutIn }: { readonly withoutIn: boolean }): boolean {
    const before = this.withoutIn;
    this.nesting += 1;
    this.withoutIn = withoutIn;
    if (this.nesting <= MOST_NESTING) return before;
    throw new PqlError([faultAt(build.place(this.LA(1)), `is nested deeper than ${MOST_NESTING}`)]);
  }

  protected leave(before: boolean): void {
    this.nesting -= 1;
    this.withoutIn = before;
  }
}
