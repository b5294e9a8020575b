import type { JsonObject } from '@tessera/contracts';

/** What one dataset says about one primary identity, as the merge sees it. */
export interface Fragment {
  readonly datasetId: string;
  /** XID of the primary identity it is stored under. */
  readonly xid: string;
  /** The record's age: `extSourceSystemAudit.lastUpdatedDate` or else its acceptance, epoch ms. */
  readonly age: number;
  /** Place in the total order of records: {@link versionOf}. Compared as text; the larger is the newer. */
  readonly version: string;
  readonly body: JsonObject;
}
