import type { SampleTally } from '@tessera/domain';
import type { PeopleCount } from './people-counter.js';

/** Why a sample was drawn. */
export const sampleTriggers = ['request', 'streaming', 'batch'] as const;
export type SampleTrigger = (typeof sampleTriggers)[number];

/** What the catalogue said of a dataset when the report was made. */
export interface ReportedDataset {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether streamed records get from it into profiles. */
  readonly streaming: boolean;
  readonly createdUser: string;
}

export interface ReportedNamespace {
  /** In lower case, as the tally has it. */
  readonly key: string;
  /** As registered. */
  readonly code: string;
  readonly id: number;
}

/** What one sample found. */
export interface SampleReport {
  /** Id of the job. */
  readonly id: string;
  /** When the store was read, epoch ms. */
  readonly at: number;
  /** When the sample was asked for, epoch ms. */
  readonly submittedAt: number;
  readonly ratio: number;
  readonly mergeStrategy: string;
  readonly trigger: SampleTrigger;
  /** The last batch that was ingested before. */
  readonly lastBatch?: { readonly id: string; readonly finishedAt: number };
  readonly tally: SampleTally;
  readonly datasets: readonly ReportedDataset[];
  readonly namespaces: readonly ReportedNamespace[];
  /** How many people there were, those without a profile included. */
  readonly people: PeopleCount;
}

/** A report without its lists. */
export type SampleSummary = Omit<SampleReport, 'datasets' | 'namespaces' | 'tally'> & {
  readonly tally: Omit<SampleTally, 'datasets' | 'namespaces' | 'datasetOverlap' | 'namespaceOverlap' | 'unstitched'>;
};
