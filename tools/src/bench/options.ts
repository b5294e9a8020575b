import { parsedOptions, wholeNumber } from '../command/arguments.js';
import { UsageError } from '../command/command.js';

/** What of the benchmark to run, and how long. */
export interface BenchOptions {
  /** Names of rows; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Measured turns of each side; baseline and Tessera take turns. */
  readonly rounds: number;
  /** Length of one measured turn. */
  readonly seconds: number;
  /** File the report is written to. */
  readonly report: string;
  readonly help: boolean;
}

export const usage = (rows: readonly string[]): string => `npm run bench -- [options]
  --only <row>[,<row>…]  only these rows: ${rows.join(', ')}
                         (without it all but those that take long: batch-large)
  --rounds <n>           turns of each side (3)
  --seconds <n>          length of a turn (6)
  --report <file>        where the JSON report goes (bench-report.json)`;

const flags = {
  only: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws UsageError for an unknown option, row or number. */
export function parseOptions(args: readonly string[], rows: readonly string[]): BenchOptions {
  const values = parsedOptions(args, flags, usage(rows));
  const only = values.only?.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const unknown = only?.find((name) => !rows.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no row "${unknown}".\n${usage(rows)}`);
  return {
    only,
    rounds: wholeNumber('rounds', values.rounds, 3, 1),
    seconds: wholeNumber('seconds', values.seconds, 6, 1),
    report: values.report ?? 'bench-report.json',
    help: values.help ?? false,
  };
}
