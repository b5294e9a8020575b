import type { Tenant } from '@tessera/contracts';
import type { DataBehavior } from '@tessera/domain';

/**
 * Where a batch stands (spec 03-ingestion, "Batches"): `loading` takes files; `loaded` is complete and waits for a worker;
 * `staged` is read and checked whole; `success` and `failed` are its ends, with all its good rows visible, or none;
 * `aborted` was given up by its client; `inactive` was successful and then reverted.
 */
export const batchStatuses = ['loading', 'loaded', 'staged', 'success', 'failed', 'aborted', 'inactive'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

export const batchFormats = ['json', 'parquet', 'csv'] as const;
export type BatchFormat = (typeof batchFormats)[number];

/** What the files of a batch are written in. */
export interface BatchInputFormat {
  readonly format: BatchFormat;
  /** Of JSON: a file is one array (or one object over several lines) instead of one object a line. */
  readonly isMultiLineJson?: boolean;
}

/** What became of the rows of a batch. */
export interface BatchMetrics {
  readonly inputRecordCount: number;
  readonly outputRecordCount: number;
  readonly failedRecordCount: number;
  readonly inputByteSize: number;
}

/** One kind of fault among the rows of a batch, or why the batch as a whole failed. */
export interface BatchError {
  readonly code: string;
  readonly description: string;
  readonly recordCount: number;
}

/** This batch takes the place of earlier ones of its dataset: their events go as its own appear. */
export interface BatchReplay {
  readonly predecessors: readonly string[];
  readonly reason: 'replace';
}

/** One batch of files for one dataset. Times are epoch ms. */
export interface Batch {
  /** ULID, unique across tenants. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly datasetId: string;
  /** Of the dataset, when the batch was created: it never changes. */
  readonly behavior: DataBehavior;
  readonly status: BatchStatus;
  readonly inputFormat: BatchInputFormat;
  /** The client's own name of the batch, unique in its sandbox. */
  readonly externalId?: string;
  /** Tag name to its values, as given. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  /** Whether its bad rows are kept for download. */
  readonly enableErrorDiagnostics: boolean;
  /** Share of bad rows, 0 to 100, up to which the good rows are taken. */
  readonly partialIngestionPercent: number;
  readonly replay?: BatchReplay;
  /** Id of the batch that takes its place, from when that one's rows are accepted. Only one does. */
  readonly replacedBy?: string;
  readonly created: number;
  readonly updated: number;
  /** Client ids. */
  readonly createdUser: string;
  readonly updatedUser: string;
  /** 1 at first; each change of status raises it. */
  readonly version: number;
  /** When it was completed by its client: the acceptance of all its rows, each at the place of its file and row. */
  readonly completedAt?: number;
  /** When a worker began with it. */
  readonly startedAt?: number;
  /** When it reached success, failure or abortion. */
  readonly finishedAt?: number;
  /** When what was uploaded into it was removed for its age. */
  readonly filesRemovedAt?: number;
  /** Of the request that last moved it. */
  readonly requestId: string;
  readonly metrics: BatchMetrics;
  readonly errors: readonly BatchError[];
}

/** Id of the job that reverts a batch: there is one at most. */
export function revertJobId(batchId: string): string {
  return `revert-${batchId}`;
}

/** What may change along with the status. */
export type BatchChanges = Partial<
  Pick<Batch, 'completedAt' | 'startedAt' | 'metrics' | 'errors' | 'updatedUser' | 'requestId'>
>;

/** Bytes of a file that were uploaded in one piece, as one object of the store. */
export interface FilePart {
  /** Place of its first byte in the file. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** Of the object. */
  readonly key: string;
}

/** A file uploaded into a batch. */
export interface BatchFile {
  readonly batchId: string;
  readonly datasetId: string;
  /** As the client named it; it may contain slashes, and is never part of a key or of a name on a disk. */
  readonly path: string;
  /** Place among the files of its batch, in the order in which they were first uploaded; not without gaps. */
  readonly index: number;
  /** Bytes received. */
  readonly size: number;
  /** Bytes it will have, as its client announced with a part. */
  readonly total?: number;
  /** In the order of their bytes, without overlaps. */
  readonly parts: readonly FilePart[];
  /** `open`: with gaps perhaps; a ranged upload that is not completed yet. A batch is completed only once none of its files is open. */
  readonly state: 'open' | 'complete';
}

/** What an upload makes of a file. */
export type BatchFileContent = Pick<BatchFile, 'parts' | 'state'> & { readonly total?: number | undefined };
