import type { Batch, BatchReader, BatchStatus } from '@tessera/stores';

/** The batch is no longer in the state that the work is for: it was given up, failed, or others have finished. */
export class BatchMovedError extends Error {
  override readonly name = 'BatchMovedError';
}

/** Milliseconds for which a look at the batch holds. */
const LOOK_EVERY = 500;

/** Looks now and then whether a batch still is where work on it is wanted. */
export class BatchWatch {
  private looked = 0;

  constructor(
    private readonly batches: BatchReader,
    private readonly batch: Pick<Batch, 'tenant' | 'id'>,
    private readonly status: BatchStatus,
  ) {}

  /** @throws BatchMovedError */
  async check(): Promise<void> {
    if (Date.now() - this.looked < LOOK_EVERY) return;
    const current = await this.batches.find(this.batch.tenant, this.batch.id);
    if (current?.status !== this.status) throw new BatchMovedError(`the batch is not ${this.status}`);
    this.looked = Date.now();
  }
}
