import type { JsonObject } from '@tessera/contracts';
import type { DeletionFence } from '../deletions/deletion-fence.js';
import type { EventVisibility } from '../profile-reads/event-visibility.js';

/** How an export's work is divided, decided once when a worker takes it up. */
export interface ExportPlan {
  readonly jobId: string;
  /** Ranges of XIDs that the people are divided into. */
  readonly ranges: number;
  /** The union schemas that give columns their types. */
  readonly profileUnion: JsonObject;
  readonly eventUnion: JsonObject;
  /** Which events are seen. */
  readonly visibility: EventVisibility;
  /** Raised when the work begins anew because more was deleted: what was made before counts no longer. */
  readonly round: number;
  /** What must not come out although the snapshot has it, as deletions removed it since or were about to. */
  readonly fences: readonly DeletionFence[];
  /** Epoch ms. */
  readonly startedAt: number;
}

/** One part of an export: a range of people for one of its batches. */
export interface ExportPart {
  readonly round: number;
  /** Place among the order's outputs. */
  readonly output: number;
  /** Place among the ranges. */
  readonly range: number;
}

/** A part that is done. */
export interface ExportPartDone extends ExportPart {
  readonly jobId: string;
  readonly files: readonly { readonly key: string; readonly size: number }[];
  readonly profiles: number;
  /** Profiles by namespace of their identities. */
  readonly namespaces: ReadonlyMap<string, number>;
}

/** What an export has made. */
export interface ExportResult {
  readonly profiles: number;
  readonly namespaces: ReadonlyMap<string, number>;
}

/** How far an export is. */
export interface ExportProgress {
  /** Epoch ms. */
  readonly startedAt: number;
  /** Once it is published. */
  readonly result?: ExportResult;
}

/** A file of a batch that the platform wrote. */
export interface OutputFile {
  /** Unique across tenants; begins with its batch's. */
  readonly id: string;
  readonly batchId: string;
  /** What users download it by. */
  readonly name: string;
  /** Of the object. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Epoch ms. */
  readonly created: number;
}
