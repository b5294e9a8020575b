import type { IParserErrorMessageProvider, TokenType } from 'chevrotain';
import { marks, Text } from './tokens.js';

/** Remembers what the parser would have taken, which its exceptions only tell as prose. */
export class Expectations implements IParserErrorMessageProvider {
  labels: string[] = [];

  buildMismatchTokenMessage({ expected }: { expected: TokenType }): string {
    return this.remember([expected]);
  }

  buildNotAllInputParsedMessage(): string {
    this.labels = ['an operator', 'the end'];
    return '';
  }

  buildNoViableAltMessage({ expectedPathsPerAlt }: { expectedPathsPerAlt: TokenType[][][] }): string {
    return this.remember(expectedPathsPerAlt.flat().flatMap(([first]) => first ?? []));
  }

  buildEarlyExitMessage({ expectedIterationPaths }: { expectedIterationPaths: TokenType[][] }): string {
    return this.remember(expectedIterationPaths.flatMap(([first]) => first ?? []));
  }

  private remember(types: readonly TokenType[]): string {
    const anyExpression = types.includes(Text) && types.includes(marks.leftParenthesis);
    this.labels = anyExpression ? ['an expression'] : [...new Set(types.map(({ LABEL, name }) => LABEL ?? name))];
    return '';
  }
}
