import { resolve } from 'node:path';
import { parsedOptions, wholeNumber } from '../command/arguments.js';
import { UsageError } from '../command/command.js';
import { formatOf } from '../load-file/options.js';
import type { GenerateOptions } from './write-rows.js';

export const generateUsage = `npm run generate -- --file <file> [options]

Writes a file of made-up people, of any size: for npm run load, for batches, and to measure with.

  --file <file>         .jsonl, .csv or .parquet
  --format <format>     json, json-array, csv, parquet; told from the file's name when not said
  --rows <n>            rows (1000000), some 550 bytes each in JSON
  --row-group-size <n>  rows in a row group of Parquet (100000)`;

const text = { type: 'string' } as const;
const flags = {
  file: text,
  format: text,
  rows: text,
  'row-group-size': text,
  help: { type: 'boolean' },
} as const;

/** @returns undefined when help is asked for. @throws UsageError for what is missing, unknown or impossible. */
export function generateOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): GenerateOptions | undefined {
  const { file, format, help, rows, 'row-group-size': groupSize } = parsedOptions(args, flags, generateUsage);
  if (help) return undefined;
  if (!file) throw new UsageError(`--file is missing.\n\n${generateUsage}`);
  return {
    file: resolve(environment['INIT_CWD'] ?? '.', file),
    format: formatOf(format, file),
    rows: wholeNumber('rows', rows, 1_000_000, 1),
    rowGroupSize: wholeNumber('row-group-size', groupSize, 100_000, 1),
  };
}
