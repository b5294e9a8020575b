import type { Deletion, ExportMention, Job, JobReader } from '@tessera/stores';

/** Exports looked at together. */
const PAGE = 500;

/**
 * The finished exports that may contain what a deletion removed: all that were asked for while some of it was there. Whether
 * a file names it is not looked up: files may have been handed out and be anywhere.
 *
 * @param since when the first of what was removed was accepted (epoch ms); undefined when nothing was there.
 */
export async function exportMentions(
  jobs: JobReader,
  { tenant, at }: Deletion,
  since: number | undefined,
): Promise<ExportMention[]> {
  if (since === undefined) return [];
  const mentions: ExportMention[] = [];
  const filter = { types: ['EXPORT'], statuses: ['SUCCESS'] } as const;
  for (let start = 0; ; start += PAGE) {
    const { children } = await jobs.list(tenant, filter, { start, limit: PAGE });
    mentions.push(...children.filter(({ createdAt }) => since <= createdAt && createdAt <= at).map(mentionOf));
    if (children.length < PAGE) return mentions;
  }
}

function mentionOf({ id, createdAt, properties }: Job): ExportMention {
  const { datasetId, batchId } = properties;
  return {
    jobId: id,
    ...(typeof datasetId === 'string' && { datasetId }),
    ...(typeof batchId === 'string' && { batchId }),
    createdAt,
  };
}
