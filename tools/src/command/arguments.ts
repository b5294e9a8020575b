import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './command.js';

/**
 * The options among the arguments of a command.
 *
 * @param usage printed below what is wrong. @throws UsageError for an option that is unknown or lacks its value.
 */
export function parsedOptions<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: withNegativeNumbers(args), options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/** The value of an option that takes a whole number. @throws UsageError for any other, and for one below `least`. */
export function wholeNumber(flag: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`--${flag} takes a whole number from ${least} on, not "${text}".`);
}

/** A negative number would be taken for an option of its own, not for the value that it is, if a wrong one. */
function withNegativeNumbers(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (/^-\d/.test(arg) && before !== undefined && /^--[a-z-]+$/.test(before)) {
      joined[joined.length - 1] = `${before}=${arg}`;
    } else joined.push(arg);
  }
  return joined;
}
