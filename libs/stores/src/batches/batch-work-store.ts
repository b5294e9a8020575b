import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { fileFrom, type BatchFileDocument } from './batch-document.js';
import { noProgress, type BatchFileWork, type BatchPhase, type FileProgress } from './batch-work.js';

interface WorkedFileDocument extends BatchFileDocument {
  readonly work?: Partial<Record<BatchPhase, FileProgress>>;
}

/** How far workers are with the files of a batch. Steps are compare-and-set, so that each row is counted once. */
export class BatchWorkStore {
  private readonly files: Collection<WorkedFileDocument>;

  constructor(database: Database) {
    this.files = database.collection('batch_files');
  }

  /** Every file of a batch, in the order of their index. */
  async list(tenant: Tenant, batchId: string): Promise<BatchFileWork[]> {
    const found = this.files.find({ tenant: tenantKey(tenant), batchId }).sort({ index: 1 });
    return (await available(found.toArray())).map(toWork);
  }

  async find(tenant: Tenant, batchId: string, index: number): Promise<BatchFileWork | undefined> {
    const found = await available(this.files.findOne({ tenant: tenantKey(tenant), batchId, index }));
    return found ? toWork(found) : undefined;
  }

  /**
   * Records a step of one phase of a file.
   *
   * @param from the row that the step began with, which must be where the phase stands.
   * @returns false when it stands elsewhere: somebody else is at work on this file.
   */
  async advance(
    tenant: Tenant,
    batchId: string,
    index: number,
    { phase, from, to }: { readonly phase: BatchPhase; readonly from: number; readonly to: FileProgress },
  ): Promise<boolean> {
    const standing = { [`work.${phase}.next`]: from === 0 ? { $in: [null, 0] } : from };
    const filter = { tenant: tenantKey(tenant), batchId, index, ...standing, [`work.${phase}.done`]: { $ne: true } };
    const { matchedCount } = await available(
      this.files.updateOne(filter as Filter<WorkedFileDocument>, { $set: { [`work.${phase}`]: to } as object }),
    );
    return matchedCount === 1;
  }
}

function toWork(document: WorkedFileDocument): BatchFileWork {
  const { checked = noProgress, applied = noProgress } = document.work ?? {};
  return { file: fileFrom(document), checked, applied };
}
