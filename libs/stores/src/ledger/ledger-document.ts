import type { IndexDefinition } from '../indexes.js';

/** What became of the records of one dataset in one partition: exact under crashes and repeats. */
export interface LedgerDocument {
  /** `<topic>/<partition>/<tenant>/<dataset>`. */
  readonly _id: string;
  readonly tenant: string;
  readonly datasetId: string;
  /** Records before this offset are counted. */
  readonly nextOffset: number;
  readonly stored?: number;
  readonly superseded?: number;
  readonly notEnabled?: number;
  readonly deleted?: number;
  readonly duplicate?: number;
  /** Of all of these, how many were replays of dead letters. */
  readonly replayed?: number;
  /** By reason. */
  readonly deadLettered?: Readonly<Record<string, number>>;
}

export const ledgerIndexes: readonly IndexDefinition[] = [{ collection: 'ledger', key: { tenant: 1, datasetId: 1 } }];
