import type { Position } from './expression.js';

/** What is wrong with an expression, and where. */
export interface PqlFault extends Position {
  readonly message: string;
  /** What could have stood there; empty where any change would do. */
  readonly expected: readonly string[];
}

/** An expression that cannot be read or makes no sense: everything found wrong with it, in the order of the text. */
export class PqlError extends Error {
  override readonly name = 'PqlError';

  constructor(readonly faults: readonly PqlFault[]) {
    super(faults.map(describeFault).join('\n'));
  }
}

/** A fault as one sentence, for people. */
export function describeFault({ line, column, message, expected }: PqlFault): string {
  const hint = expected.length > 0 ? `; expected ${listOf(expected)}` : '';
  return `line ${line}, column ${column}: ${message}${hint}`;
}

export function faultAt({ line, column }: Position, message: string, expected: readonly string[] = []): PqlFault {
  return { line, column, message, expected };
}

function listOf(items: readonly string[]): string {
  const [last = '', ...others] = items.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`;
}
