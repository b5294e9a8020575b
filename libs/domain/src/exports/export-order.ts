import type { AttributeMerge, IdentityGraphType } from '../merge/merge-policy.js';

/** A segment whose people are wanted. */
export interface SegmentWanted {
  readonly segmentId: string;
  /** Absent: whatever its namespace. */
  readonly segmentNs?: string;
  /** Absent: whoever is in the segment now. */
  readonly status?: readonly string[];
}

/** Which people are wanted. */
export interface PeopleWanted {
  /** Those in any of these; everybody when absent. */
  readonly segments?: readonly SegmentWanted[];
  /** Epoch ms: only those who qualified for a wanted segment from then, inclusive. */
  readonly qualifiedFrom?: number;
  /** Epoch ms: only those who qualified for a wanted segment before then. */
  readonly qualifiedBefore?: number;
  /** Epoch ms: only those of whom a record, or where no profile is merged an event, was accepted after then. */
  readonly acceptedAfter?: number;
}

/** Where rows go: one batch for all of them, or one for each segment. */
export interface ExportOutput {
  readonly batchId: string;
  readonly segment?: SegmentWanted;
}

/** What an export is to do, fixed when it was created (spec 07-export-jobs). */
export interface ExportOrder {
  /** Its id for clients: rises within the organisation. */
  readonly number: number;
  readonly datasetId: string;
  readonly format: 'parquet' | 'json';
  readonly outputs: readonly ExportOutput[];
  /** A selector as text; everything when absent. */
  readonly fields?: string;
  readonly policy: {
    readonly id?: string;
    readonly version?: number;
    readonly graph: IdentityGraphType;
    readonly attributeMerge: AttributeMerge;
  };
  /** How computed attributes are made part of the profiles (spec 11-computed-attributes); they are not when absent. */
  readonly computed?: {
    /** The default policy's: whose events count for a person. */
    readonly graph: IdentityGraphType;
    /** The field of profiles below which they stand. */
    readonly root: string;
    /** Up to when their windows reach; epoch ms. */
    readonly now: number;
  };
  /** Whether events are wanted too, and which. */
  readonly events?: {
    /** A selector as text; everything when absent. */
    readonly fields?: string;
    /** Epoch ms. */
    readonly acceptedAfter?: number;
  };
  readonly people: PeopleWanted;
  /** Whether people who are known by events only are wanted. */
  readonly emptyProfiles: boolean;
  /** The moment of the database that is read. */
  readonly snapshot: string;
}
