import type { IndexDefinition } from '../indexes.js';

/** What one dataset says about one primary identity, as stored. */
export interface FragmentDocument {
  /** {@link fragmentId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly datasetId: string;
  /** XID of the primary identity. */
  readonly xid: string;
  /** Epoch ms. */
  readonly age: number;
  /** Place in the order of records; a fragment is only ever replaced by a larger one. */
  readonly version: string;
  /** Epoch ms. */
  readonly acceptedAt: number;
  readonly batchId?: string;
  /** Schema of a business entity; absent for what is said of people. */
  readonly schema?: string;
  /** The record as JSON text: stored as given, never interpreted. Absent once deleted. */
  readonly body?: string;
  /**
   * Only where more than the newest record has a part in the fragment: which record last wrote where, as
   * `formatFieldVersions` of the domain writes it. `age`, `version`, `acceptedAt` and `batchId` are the newest record's.
   */
  readonly fieldVersions?: string;
  /** With `fieldVersions`: the batches whose rows have a part in the fragment, the newest record's included. */
  readonly batchIds?: readonly string[];
  /** A deleted record keeps its place in the order, so that an older one arriving late stays deleted. */
  readonly deleted?: true;
}

/** Dataset ids are unique across tenants and XIDs are made from the tenant, so the pair is too. */
export function fragmentId(datasetId: string, xid: string): string {
  return `${datasetId}.${xid}`;
}

export const fragmentIndexes: readonly IndexDefinition[] = [
  { collection: 'fragments', key: { tenant: 1, xid: 1 } },
  {
    collection: 'fragments',
    key: { tenant: 1, batchIds: 1 },
    options: { partialFilterExpression: { batchIds: { $exists: true } } },
  },
];
