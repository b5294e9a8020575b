import type { Job, SampleSummary } from '@tessera/stores';

/** What stands where no sample was ever drawn. */
const NEVER = 0;
const NO_STRATEGY = 'timestampOrdered_none';

/**
 * The state of the last sample, in the shape published clients read (spec 08-preview-sample): some counts are strings, some
 * of those strings hold another pair of quotes, and times have blanks.
 *
 * @param latest the last report; undefined before the first sample.
 * @param running the sample that is under way.
 */
export function sampleStatusAnswer(latest: SampleSummary | undefined, running: Job | null) {
  const { profiles = 0, sampled = 0, fragments = 0, records = 0, events = 0 } = latest?.tally ?? {};
  const documents = quoted(String(records + events));
  const { lastBatch } = latest ?? {};
  return {
    numRowsToRead: String(sampled),
    sampleJobRunning: {
      status: running !== null,
      submissionTimestamp: timestamp(running?.createdAt ?? latest?.submittedAt ?? NEVER),
    },
    docCount: documents,
    cosmosDocCount: documents,
    totalFragmentCount: fragments,
    lastSuccessfulBatchTimestamp: quoted(lastBatch ? timestamp(lastBatch.finishedAt) : 'null'),
    streamingDriven: quoted(String(latest?.trigger === 'streaming')),
    totalRows: String(profiles),
    lastBatchId: quoted(lastBatch?.id ?? 'null'),
    status: latest ? 'TASK_FINISHED' : 'NOT_STARTED',
    samplingRatio: latest?.ratio ?? 0,
    mergeStrategy: latest?.mergeStrategy ?? NO_STRATEGY,
    lastSampledTimestamp: timestamp(latest?.at ?? NEVER),
  };
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** A UTC time such as `2026-08-01 17:57:57.0`: seconds with at least one decimal, and no zeros after it. @param at epoch ms. */
export function timestamp(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().replace('Z', '').split('T');
  return `${date} ${time.replace(/(\.\d)(\d*?)0+$/, '$1$2')}`;
}
