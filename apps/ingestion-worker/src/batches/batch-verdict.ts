import { badRows, type Batch, type BatchError, type BatchFileWork, type BatchMetrics } from '@tessera/stores';

/** What checking a batch found. */
export interface BatchVerdict {
  /** Whether its good rows are to be applied. */
  readonly accepted: boolean;
  readonly metrics: BatchMetrics;
  readonly errors: readonly BatchError[];
}

const descriptions: Readonly<Record<string, string>> = {
  'malformed-message': 'rows that are no records',
  'too-large': 'rows that are too large',
  'unknown-dataset': 'rows whose dataset is not in this sandbox',
};

/**
 * Judges a batch all of whose files are checked (spec 03-ingestion, "Batches"): it is refused as a whole when more of its
 * rows are bad than it tolerates, or when a file cannot be read to its end, since nobody knows what else is in there.
 */
export function judgeBatch(
  { partialIngestionPercent }: Pick<Batch, 'partialIngestionPercent'>,
  works: readonly BatchFileWork[],
): BatchVerdict {
  const bad = new Map<string, number>();
  for (const { checked } of works) {
    for (const [reason, count] of Object.entries(checked.bad)) bad.set(reason, (bad.get(reason) ?? 0) + count);
  }
  const failedRecordCount = sum(works, ({ checked }) => badRows(checked));
  const good = sum(works, ({ checked }) => checked.good);
  const inputRecordCount = good + failedRecordCount;
  const broken = works.flatMap(({ checked }) => checked.broken ?? []);
  // In whole numbers: 3 bad rows of 100 are exactly 3 percent.
  const tolerated = failedRecordCount * 100 <= partialIngestionPercent * inputRecordCount;
  const errors = [...bad].map(([code, recordCount]) => ({
    code,
    description: `${descriptions[code] ?? `rows refused: ${code.replaceAll('-', ' ')}`}; see the row errors for each`,
    recordCount,
  }));
  const accepted = tolerated && broken.length === 0;
  return {
    accepted,
    metrics: {
      inputRecordCount,
      outputRecordCount: 0,
      failedRecordCount,
      inputByteSize: sum(works, ({ file }) => file.size),
    },
    errors: [
      ...broken.map((description) => ({ code: 'malformed-file', description, recordCount: 0 })),
      ...errors,
      ...(tolerated ? [] : [tooManyErrors(failedRecordCount, inputRecordCount, partialIngestionPercent)]),
    ],
  };
}

function tooManyErrors(recordCount: number, of: number, percent: number): BatchError {
  return {
    code: 'too-many-bad-rows',
    description: `${recordCount} of ${of} rows are bad; the batch tolerates ${percent} percent. None of its rows was applied`,
    recordCount,
  };
}

function sum(works: readonly BatchFileWork[], of: (work: BatchFileWork) => number): number {
  return works.reduce((total, work) => total + of(work), 0);
}
