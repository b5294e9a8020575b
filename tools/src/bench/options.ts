import { parseArgs } from 'node:util';
import { CommandError } from '../command/command.js';

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

/** @throws CommandError for an unknown option, row or number. */
export function parseOptions(args: readonly string[], rows: readonly string[]): BenchOptions {
  const { values } = parsed(args, rows);
  const only = values.only?.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const unknown = only?.find((name) => !rows.includes(name));
  if (unknown !== undefined) throw new CommandError(`There is no row "${unknown}".\n${usage(rows)}`);
  return {
    only,
    rounds: positive('rounds', values.rounds, 3),
    seconds: positive('seconds', values.seconds, 6),
    report: values.report ?? 'bench-report.json',
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[], rows: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        report: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage(rows)}`);
  }
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new CommandError(`--${name} takes a whole number above 0, not "${text}".`);
}
