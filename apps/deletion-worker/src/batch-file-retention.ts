import type { RepeatingTask } from '@tessera/jobs';
import { batchObjects, type ObjectStorage } from '@tessera/object-storage';
import type { Logger } from '@tessera/observability';
import type { BatchStore } from '@tessera/stores';

export interface BatchFileRetentionOptions {
  readonly batches: BatchStore;
  readonly storage: ObjectStorage;
  readonly logger: Logger;
  /** Days for which what was uploaded into a batch is kept after its end. */
  readonly days: number;
}

/** Milliseconds between looks. */
const EVERY = 3_600_000;
/** Batches looked at together. */
const PAGE = 100;

/**
 * Removes what was uploaded into batches, and the bad rows kept of it, some time after they have ended: what became of the
 * rows is in the store, and a person who is deleted later is not to stay in files for good. For the same reason, what killed writers left of any file.
 */
export class BatchFileRetention {
  constructor(private readonly options: BatchFileRetentionOptions) {}

  task(): RepeatingTask {
    return { name: 'batch-file-retention', every: EVERY, run: () => this.run() };
  }

  /** What writers left that were killed belongs to no batch, so that nothing else finds it. */
  private async run(): Promise<void> {
    await this.options.storage.removeAbandoned();
    await this.removeOld();
  }

  /** May be repeated, and done by several at once. @throws UnavailableError */
  async removeOld(now = Date.now()): Promise<void> {
    const { batches, storage, logger, days } = this.options;
    for (;;) {
      const found = await batches.withOldFiles(now - days * 86_400_000, PAGE);
      for (const { id, tenant } of found) {
        const { uploads, rowErrors } = batchObjects(tenant, id);
        await storage.deleteAll(uploads);
        await storage.deleteAll(rowErrors);
        const files = await batches.removeFiles(tenant, id);
        await batches.filesRemoved(tenant, id);
        if (files > 0) logger.info({ ...tenant, batchId: id, files }, 'Removed the files of an old batch');
      }
      if (found.length < PAGE) return;
    }
  }
}
