import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';

/** Where a deletion removes from, and looks afterwards. Nothing is merged ahead so far, so there are never any `views`. */
export const receiptStores = [
  'fragments',
  'events',
  'links',
  'identities',
  'views',
  'computedValues',
  'edges',
  'deadLetters',
  'batchFiles',
] as const;
export type ReceiptStore = (typeof receiptStores)[number];
export type StoreCounts = Readonly<Partial<Record<ReceiptStore, number>>>;

/** A finished export that still contains what was deleted: files that were handed out are not the platform's to change. */
export interface ExportMention {
  readonly jobId: string;
  /** Of the dataset the files are in, where the job says so. */
  readonly datasetId?: string;
  /** Batches that the files are in. */
  readonly batchIds: readonly string[];
  /** Epoch ms; the export holds what was accepted before. */
  readonly createdAt: number;
}

/** A batch that was completed before a person was deleted, and whose uploaded files are kept. */
export interface UploadMention {
  readonly batchId: string;
  readonly datasetId: string;
  /** Epoch ms. */
  readonly completedAt: number;
}

/** What a deletion removed, and what a scan found that was made after it. */
export interface DeletionReceipt {
  readonly jobId: string;
  /** Epoch ms; what was accepted then or before went. */
  readonly at: number;
  /** Documents, or records, removed from each store. A store that is absent keeps nothing of the kind. */
  readonly removed: StoreCounts;
  readonly exports: readonly ExportMention[];
  /** Of a person; absent in receipts of earlier versions. */
  readonly uploads?: readonly UploadMention[];
  readonly verification: {
    /** Epoch ms. */
    readonly at: number;
    /** What is still there of what was to go: nothing, or the deletion has failed. */
    readonly remaining: StoreCounts;
  };
}

interface DeletionReceiptDocument extends Omit<DeletionReceipt, 'jobId'> {
  readonly _id: string;
  readonly tenant: string;
}

/** Whether nothing was found of what was to go. */
export function isClean({ verification }: Pick<DeletionReceipt, 'verification'>): boolean {
  return Object.values(verification.remaining).every((count) => count === 0);
}

/** Keeps the receipts of deletions, in the sandbox that their jobs are kept in. */
export class DeletionReceipts {
  private readonly receipts: Collection<DeletionReceiptDocument>;

  constructor(database: Database) {
    this.receipts = database.collection('deletion_receipts');
  }

  /** Keeps a receipt; one that the job has already stays as it is. @returns the one that is kept. */
  async put(tenant: Tenant, receipt: DeletionReceipt): Promise<DeletionReceipt> {
    const { jobId, ...rest } = receipt;
    const document = { _id: jobId, tenant: tenantKey(tenant), ...rest };
    const refused = await unorderedBulk(this.receipts, [{ insertOne: { document } }]);
    return refused.length === 0 ? receipt : ((await this.find(tenant, jobId)) ?? receipt);
  }

  async find(tenant: Tenant, jobId: string): Promise<DeletionReceipt | undefined> {
    const found = await available(this.receipts.findOne({ _id: jobId, tenant: tenantKey(tenant) }));
    if (!found) return undefined;
    const { at, removed, exports, uploads, verification } = found;
    return { jobId, at, removed, exports, ...(uploads && { uploads }), verification };
  }

  async remove(tenant: Tenant, jobId: string): Promise<void> {
    await available(this.receipts.deleteOne({ _id: jobId, tenant: tenantKey(tenant) }));
  }
}
