import { batchObjects, type ObjectStorage } from '@tessera/object-storage';
import type { Batch, BatchStore, Deletion } from '@tessera/stores';
import type { Removal, RemovalContext } from './removal.js';

/** Batches looked at together. */
const PAGE = 200;

/** Removes what was uploaded into batches of a dataset, or into one batch, and the bad rows that were kept of it. */
export class BatchRemoval implements Removal {
  constructor(
    private readonly batches: BatchStore,
    private readonly storage: ObjectStorage,
  ) {}

  /** Puts an end to batches that nothing may come of any more: whoever still works on them finds out. */
  async stop(deletion: Deletion): Promise<void> {
    const { tenant, subject } = deletion;
    if (subject.kind === 'batch') return this.end(subject.batchId, deletion);
    if (subject.kind !== 'dataset' || !subject.isRemoved) return;
    for await (const { id } of this.of(tenant, subject.datasetId)) await this.end(id, deletion);
  }

  /** Whether a worker may still be writing rows that were accepted before. */
  async isLoading({ tenant, subject, at }: Deletion): Promise<boolean> {
    const statuses = ['loaded', 'staged'] as const;
    const filter = { statuses, ...(subject.kind === 'dataset' && { datasetId: subject.datasetId }) };
    const found = await this.batches.list(tenant, filter, { start: 0, limit: 1_000, order: 'asc' });
    return found.some(
      ({ id, completedAt = 0 }) => completedAt <= at && (subject.kind !== 'batch' || subject.batchId === id),
    );
  }

  async remove(context: RemovalContext): Promise<void> {
    const { tenant, subject, at } = context.deletion;
    if (subject.kind === 'dataset') {
      for await (const batch of this.of(tenant, subject.datasetId)) {
        if (subject.isRemoved || (batch.completedAt ?? Infinity) <= at) await this.removeFiles(context, batch);
      }
    } else if (subject.kind === 'batch') {
      const batch = await this.batches.find(tenant, subject.batchId);
      if (batch) await this.removeFiles(context, batch);
    }
  }

  /** How many files are left that should be gone. */
  async remaining({ tenant, subject, at }: Deletion): Promise<number> {
    if (subject.kind === 'person') return 0;
    let count = 0;
    const countFiles = async (id: string) => {
      const { uploads, rowErrors } = batchObjects(tenant, id);
      for (const prefix of [uploads, rowErrors]) count += (await this.storage.list(prefix)).length;
    };
    if (subject.kind === 'batch') await countFiles(subject.batchId);
    if (subject.kind === 'dataset') {
      for await (const { id, completedAt = Infinity } of this.of(tenant, subject.datasetId)) {
        if (subject.isRemoved || completedAt <= at) await countFiles(id);
      }
    }
    return count;
  }

  private async removeFiles(context: RemovalContext, { id, tenant }: Batch): Promise<void> {
    await this.takeBack(id, context.deletion);
    const { uploads, rowErrors } = batchObjects(tenant, id);
    await this.storage.deleteAll(uploads);
    await this.storage.deleteAll(rowErrors);
    await context.remove(async (session) => ({ batchFiles: await this.batches.removeFiles(tenant, id, session) }));
  }

  private async end(id: string, deletion: Deletion): Promise<void> {
    await this.batches.transition(deletion.tenant, id, ['loading', 'loaded', 'staged'], 'aborted');
    await this.takeBack(id, deletion);
  }

  /** In the name of the deletion: where that is withdrawn, it is known that nothing else has taken the batch back. */
  private async takeBack(id: string, deletion: Deletion): Promise<void> {
    await this.batches.transition(deletion.tenant, id, ['success'], 'inactive', { requestId: deletion.id });
  }

  private async *of(tenant: Batch['tenant'], datasetId: string): AsyncGenerator<Batch> {
    for (let start = 0; ; start += PAGE) {
      const page = await this.batches.list(tenant, { datasetId }, { start, limit: PAGE, order: 'asc' });
      yield* page;
      if (page.length < PAGE) return;
    }
  }
}
