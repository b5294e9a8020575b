import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from '../command/command.js';
import { formatOf } from '../load-file/options.js';
import type { GenerateOptions } from './write-rows.js';

export const generateUsage = `npm run generate -- --file <file> [options]

Writes a file of made-up people, of any size: for npm run load, for batches, and to measure with.

  --file <file>         .jsonl, .csv or .parquet
  --format <format>     json, json-array, csv, parquet; told from the file's name when not said
  --rows <n>            rows (1000000), some 550 bytes each in JSON
  --row-group-size <n>  rows in a row group of Parquet (100000)`;

/** @returns undefined when help is asked for. @throws CommandError for what is missing, unknown or impossible. */
export function generateOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): GenerateOptions | undefined {
  const { file, format, help, rows, 'row-group-size': groupSize } = parsed(args);
  if (help) return undefined;
  if (!file) throw new CommandError(`--file is missing.\n\n${generateUsage}`);
  return {
    file: resolve(environment['INIT_CWD'] ?? '.', file),
    format: formatOf(format, file),
    rows: wholeNumber('rows', rows, 1_000_000),
    rowGroupSize: wholeNumber('row-group-size', groupSize, 100_000),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = {
      file: text,
      format: text,
      rows: text,
      'row-group-size': text,
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n\n${generateUsage}`);
  }
}

function wholeNumber(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new CommandError(`--${flag} takes a whole number above 0, not "${text}".`);
}
