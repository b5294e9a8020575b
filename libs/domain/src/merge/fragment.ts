import type { JsonObject } from '@tessera/contracts';

/** What one dataset says about one primary identity, as the merge sees it. A dataset and an XID have one at most. */
export interface Fragment {
  readonly datasetId: string;
  /** XID of the primary identity it is stored under. */
  readonly xid: string;
  /** The record's age: `extSourceSystemAudit.lastUpdatedDate` or else its acceptance, epoch ms. */
  readonly age: number;
  /** Place in the total order of records: {@link versionOf}. Compared as text; the larger is the newer. */
  readonly version: string;
  readonly body: JsonObject;
  /**
   * Only in a fragment made by upserts, where each field has a rank of its own (spec 05-merge-policies, "Fields"): JSON
   * Pointer → version of the record that last set it. An entry holds for everything below its pointer, up to a deeper
   * entry; a field under no entry has the fragment's own `version`. Entries for fields that `body` lacks are allowed (a
   * cleared field) and mean nothing here. `age` and `version` are those of the newest record applied to the fragment.
   */
  readonly fieldVersions?: ReadonlyMap<string, string>;
}
