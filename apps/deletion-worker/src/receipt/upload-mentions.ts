import type { BatchStore, UploadMention } from '@tessera/stores';
import type { RemovalContext } from '../removal/removal.js';

/** Batches looked at together. */
const PAGE = 200;

/**
 * The batches whose uploaded files may have a deleted person in them: all that were completed before the deletion, and whose
 * files are kept still. Nobody looks into the files, which are a source's and may be of any size; they are removed when they
 * are old, and with their batch or dataset.
 *
 * @throws UnavailableError
 */
export async function uploadMentions(
  batches: Pick<BatchStore, 'list' | 'files'>,
  context: Pick<RemovalContext, 'deletion' | 'step'>,
): Promise<UploadMention[]> {
  const { tenant, subject, at } = context.deletion;
  if (subject.kind !== 'person') return [];
  const mentions: UploadMention[] = [];
  for (let start = 0; ; start += PAGE) {
    const page = await context.step(() =>
      batches.list(tenant, { createdBefore: at + 1 }, { start, limit: PAGE, order: 'asc' }),
    );
    for (const { id: batchId, datasetId, completedAt, filesRemovedAt } of page) {
      if (completedAt === undefined || completedAt > at || filesRemovedAt !== undefined) continue;
      const files = await context.step(() => batches.files(tenant, batchId, { start: 0, limit: 1 }));
      if (files.length > 0) mentions.push({ batchId, datasetId, completedAt });
    }
    if (page.length < PAGE) return mentions;
  }
}
