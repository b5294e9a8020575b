import type { BatchFile } from './batch.js';

/** What is done with each file of a batch: first all of it is checked, and only then applied. */
export type BatchPhase = 'checked' | 'applied';

/** How far one phase is with one file. */
export interface FileProgress {
  /** Rows before this one are done. */
  readonly next: number;
  readonly good: number;
  /** Rows that are no records of the dataset, by reason. */
  readonly bad: Readonly<Record<string, number>>;
  /** Bad rows kept for download. */
  readonly kept: number;
  /** Whether the end of the file is reached. */
  readonly done: boolean;
  /** Why the file cannot be read to its end, for users. */
  readonly broken?: string;
}

export const noProgress: FileProgress = { next: 0, good: 0, bad: {}, kept: 0, done: false };

/** A file of a batch with what workers have done with it. */
export interface BatchFileWork extends Record<BatchPhase, FileProgress> {
  readonly file: BatchFile;
}

/** The number of bad rows, whatever their reasons. */
export function badRows({ bad }: FileProgress): number {
  return Object.values(bad).reduce((sum, count) => sum + count, 0);
}
