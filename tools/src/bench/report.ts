import { cpus, freemem, release, totalmem, type } from 'node:os';
import { styleText } from 'node:util';
import type { BenchOptions } from './options.js';
import type { RowResult } from './row.js';

/** The JSON report: everything needed to compare two runs. */
export interface BenchReport {
  readonly at: string;
  readonly machine: object;
  readonly options: Pick<BenchOptions, 'only' | 'rounds' | 'seconds'>;
  readonly rows: readonly (Omit<RowResult, 'target'> & { readonly target: string; readonly met: boolean })[];
  /** Most resident memory of each process over the whole run, in bytes. */
  readonly peakMemoryBytes: Readonly<Record<string, number>>;
}

/** What the figures depend on. */
function machine(): object {
  const processors = cpus();
  return {
    processors: processors.length,
    processor: processors[0]?.model.trim(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

export function reportOf(
  options: BenchOptions,
  rows: readonly RowResult[],
  peaks: ReadonlyMap<string, number>,
): BenchReport {
  const { only, rounds, seconds } = options;
  return {
    at: new Date().toISOString(),
    machine: machine(),
    options: { only, rounds, seconds },
    rows: rows.map(({ target, ...row }) => ({ ...row, target: target.text, met: target.met(row.judged) })),
    peakMemoryBytes: Object.fromEntries(peaks),
  };
}

/** The report as a table of text. */
export function tableOf(report: BenchReport): string {
  const header = ['', 'Tessera', 'baseline', 'ratio', 'target', ''];
  const rows = report.rows.map(({ what, unit, tessera, baseline, target, met }) => [
    what,
    `${shown(tessera)} ${unit}`,
    baseline === undefined ? '' : shown(baseline),
    baseline === undefined ? '' : `${Math.round((100 * tessera) / baseline)} %`,
    target,
    target === '' ? '' : met ? 'met' : 'missed',
  ]);
  const memory = Object.entries(report.peakMemoryBytes).map(([name, bytes]) => [
    `memory of ${name}, most`,
    `${Math.round(bytes / 1_048_576)} MiB`,
    '',
    '',
    name.startsWith('baseline') ? '' : '< 400 MB',
    name.startsWith('baseline') ? '' : bytes < 400e6 ? 'met' : 'missed',
  ]);
  const all = [header, ...rows, ...memory];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join('   ')
        .trimEnd(),
    )
    .map((line, index) => (index === 0 ? styleText('bold', line) : line))
    .join('\n');
}

/** Figures stand to the right of their column, words to the left. */
function pad(cell: string, width: number, column: number): string {
  return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2);
}
