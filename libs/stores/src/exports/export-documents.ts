import type { JsonObject } from '@tessera/contracts';
import type { DeletionFence } from '../deletions/deletion-fence.js';
import type { IndexDefinition } from '../indexes.js';
import type { ExportPart, ExportPartDone, ExportPlan, OutputFile } from './export-work.js';

/** A plan and what became of it, as stored. */
export interface ExportDocument {
  /** Id of the job. */
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  readonly ranges: number;
  /** JSON text: keys are a customer's. */
  readonly profileUnion: string;
  readonly eventUnion: string;
  readonly visibility: {
    readonly now: number;
    readonly keptFor: readonly (readonly [string, number])[];
    readonly hidden: readonly string[];
  };
  readonly round: number;
  readonly fences: readonly DeletionFence[];
  readonly startedAt: number;
  /** Until its files are published, or removed for good. */
  readonly unsettled?: true;
  readonly result?: { readonly profiles: number; readonly namespaces: readonly (readonly [string, number])[] };
}

export interface ExportPartDocument extends Omit<ExportPartDone, 'namespaces'> {
  readonly _id: string;
  readonly tenant: string;
  readonly namespaces: readonly (readonly [string, number])[];
}

export interface OutputFileDocument extends Omit<OutputFile, 'id'> {
  readonly _id: string;
  readonly tenant: string;
}

/** The last number given to an export of an organisation. */
export interface ExportNumberDocument {
  /** The organisation. */
  readonly _id: string;
  readonly last: number;
}

export const exportIndexes: readonly IndexDefinition[] = [
  // Exports among all other jobs of a sandbox, for their list.
  { collection: 'jobs', key: { tenant: 1, type: 1, createdAt: -1, _id: -1 } },
  { collection: 'exports', key: { unsettled: 1, _id: 1 }, options: { partialFilterExpression: { unsettled: true } } },
  { collection: 'export_parts', key: { tenant: 1, jobId: 1, round: 1 } },
  { collection: 'output_files', key: { tenant: 1, batchId: 1, _id: 1 } },
];

export function partId(jobId: string, { round, output, range }: ExportPart): string {
  return `${jobId}/${round}/${output}/${range}`;
}

export function planFrom(document: ExportDocument): ExportPlan {
  const { _id, ranges, profileUnion, eventUnion, visibility, round, fences, startedAt } = document;
  return {
    jobId: _id,
    ranges,
    profileUnion: JSON.parse(profileUnion) as JsonObject,
    eventUnion: JSON.parse(eventUnion) as JsonObject,
    visibility: { now: visibility.now, hidden: visibility.hidden, keptFor: new Map(visibility.keptFor) },
    round,
    fences,
    startedAt,
  };
}
