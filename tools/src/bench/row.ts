import type { Bench } from './environment.js';

/** One line of the report. */
export interface RowResult {
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  readonly tessera: number;
  /** The raw-driver baseline in the same run, where there is one. */
  readonly baseline?: number;
  /** What `target` speaks of: by its text a share of the baseline, a factor or the figure itself. */
  readonly judged: number;
  readonly target: Target;
  /** Everything measured, turn by turn; only in the JSON report. */
  readonly details: object;
}

/** What spec 14-quality asks for. */
export interface Target {
  readonly text: string;
  readonly met: (judged: number) => boolean;
}

/** One row of the benchmark; measuring it can give several lines. */
export interface Row {
  readonly name: string;
  /** Takes long: not measured unless it is asked for. */
  readonly onlyWhenNamed?: true;
  readonly run: (bench: Bench) => Promise<RowResult[]>;
}

export function atLeastShare(share: number): Target {
  return { text: `≥ ${Math.round(share * 100)} % of the baseline`, met: (judged) => judged >= share };
}

export function below(limit: number, unit: string): Target {
  return { text: `< ${limit} ${unit}`, met: (judged) => judged < limit };
}

export function upTo(limit: number, unit: string): Target {
  return { text: `≤ ${limit} ${unit}`, met: (judged) => judged <= limit };
}

/** A line that is shown for its own sake. */
export const noTarget: Target = { text: '', met: () => true };
