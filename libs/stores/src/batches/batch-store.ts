import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import type { Batch, BatchChanges, BatchFile, BatchStatus } from './batch.js';
import {
  batchDocument,
  batchFileId,
  batchFrom,
  fileFrom,
  type BatchDocument,
  type BatchFileDocument,
} from './batch-document.js';

/** Which batches are asked for. */
export interface BatchFilter {
  readonly datasetId?: string;
  readonly statuses?: readonly BatchStatus[];
  /** Epoch ms, exclusive. */
  readonly createdAfter?: number;
  /** Epoch ms, exclusive. */
  readonly createdBefore?: number;
}

/** One page of a list. */
export interface BatchPage {
  readonly start: number;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
}

/** What workers and answers read of batches. */
export interface BatchReader {
  find(tenant: Tenant, id: string): Promise<Batch | undefined>;
  findMany(tenant: Tenant, ids: readonly string[]): Promise<Batch[]>;
  /** In the order of their creation. */
  list(tenant: Tenant, filter: BatchFilter, page: BatchPage): Promise<Batch[]>;
  /** Files of a batch in the order of their index. */
  files(tenant: Tenant, batchId: string, page: Pick<BatchPage, 'start' | 'limit'>): Promise<BatchFile[]>;
}

const endings: ReadonlySet<BatchStatus> = new Set(['success', 'failed', 'aborted']);

/**
 * Batches and what they consist of. A batch's status only moves by {@link transition}, by its completion
 * (`BatchUploadStore`), and by {@link reinstate}.
 */
export class BatchStore implements BatchReader {
  private readonly batches: Collection<BatchDocument>;
  private readonly batchFiles: Collection<BatchFileDocument>;

  constructor(
    database: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.batches = database.collection('batches');
    this.batchFiles = database.collection('batch_files');
  }

  async find(tenant: Tenant, id: string): Promise<Batch | undefined> {
    const document = await available(this.batches.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return document ? batchFrom(document) : undefined;
  }

  async findMany(tenant: Tenant, ids: readonly string[]): Promise<Batch[]> {
    const found = this.batches.find({ _id: { $in: [...ids] }, tenant: tenantKey(tenant) });
    return (await available(found.toArray())).map(batchFrom);
  }

  async list(tenant: Tenant, filter: BatchFilter, { start, limit, order }: BatchPage): Promise<Batch[]> {
    const { datasetId, statuses, createdAfter, createdBefore } = filter;
    const conditions: Filter<BatchDocument> = {
      tenant: tenantKey(tenant),
      ...(datasetId !== undefined && { datasetId }),
      ...(statuses !== undefined && { status: { $in: [...statuses] } }),
      ...((createdAfter !== undefined || createdBefore !== undefined) && {
        created: {
          ...(createdAfter !== undefined && { $gt: createdAfter }),
          ...(createdBefore !== undefined && { $lt: createdBefore }),
        },
      }),
    };
    const direction = order === 'asc' ? 1 : -1;
    const found = this.batches.find(conditions).sort({ created: direction, _id: direction }).skip(start).limit(limit);
    return (await available(found.toArray())).map(batchFrom);
  }

  /** The batch that was ingested last, up to a time (epoch ms). Those that an export wrote took nothing in. */
  async lastIngested(tenant: Tenant, until = Infinity): Promise<Batch | undefined> {
    const filter = {
      ...{ tenant: tenantKey(tenant), status: 'success' as const, finishedAt: { $lte: until } },
      'metrics.inputByteSize': { $gt: 0 },
    };
    const document = await available(this.batches.findOne(filter, { sort: { finishedAt: -1 } }));
    return document ? batchFrom(document) : undefined;
  }

  async files(
    tenant: Tenant,
    batchId: string,
    { start, limit }: Pick<BatchPage, 'start' | 'limit'>,
  ): Promise<BatchFile[]> {
    const found = this.batchFiles.find({ tenant: tenantKey(tenant), batchId }).sort({ index: 1 });
    return (await available(found.skip(start).limit(limit).toArray())).map(fileFrom);
  }

  async file(tenant: Tenant, batchId: string, path: string): Promise<BatchFile | undefined> {
    const filter = { _id: batchFileId(batchId, path), tenant: tenantKey(tenant) };
    const document = await available(this.batchFiles.findOne(filter));
    return document ? fileFrom(document) : undefined;
  }

  /**
   * Forgets the files of a batch; what they consist of is somebody else's to remove.
   *
   * @param session of a transaction that this is a part of.
   * @returns how many there were.
   */
  async removeFiles(tenant: Tenant, batchId: string, session?: ClientSession): Promise<number> {
    const filter = { tenant: tenantKey(tenant), batchId };
    return (await available(this.batchFiles.deleteMany(filter, session ? { session } : {}))).deletedCount;
  }

  /** Some batches of any tenant that ended before a moment (epoch ms) and whose files are kept still, those first that ended first. */
  async withOldFiles(before: number, limit: number): Promise<Batch[]> {
    const filter = { filesRemovedAt: { $exists: false }, finishedAt: { $lt: before } };
    const found = this.batches.find(filter).sort({ filesRemovedAt: 1, finishedAt: 1 }).limit(limit);
    return (await available(found.toArray())).map(batchFrom);
  }

  /** Notes that the files of a batch are gone. */
  async filesRemoved(tenant: Tenant, id: string): Promise<void> {
    const filter = { _id: id, tenant: tenantKey(tenant) };
    await available(this.batches.updateOne(filter, { $set: { filesRemovedAt: this.now() } }));
  }

  /** @returns whether it was created; `false` where the sandbox has another batch of the same `externalId`. */
  async create(batch: Batch): Promise<boolean> {
    try {
      await available(this.batches.insertOne(batchDocument(batch)));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Whether a batch of the same dataset has taken the place of one. */
  async isReplaced({ tenant, datasetId, id }: Pick<Batch, 'tenant' | 'datasetId' | 'id'>): Promise<boolean> {
    const filter = { tenant: tenantKey(tenant), datasetId, status: 'success' as const, 'replay.predecessors': id };
    return (await available(this.batches.findOne(filter, { projection: { _id: 1 } }))) !== null;
  }

  /**
   * Has a batch take the place of its predecessors, unless another one has taken that of any. Of several that want the same
   * one at once, one gets it. May be repeated.
   *
   * @returns the id of a predecessor that another one took; then none is claimed.
   */
  async claimPredecessors(batch: Batch): Promise<string | undefined> {
    const tenant = tenantKey(batch.tenant);
    // All in one order: who is first to get one that two want need not wait for the other.
    for (const id of [...(batch.replay?.predecessors ?? [])].sort()) {
      const free = { _id: id, tenant, replacedBy: { $in: [null, batch.id] } } as Filter<BatchDocument>;
      const update = { $set: { replacedBy: batch.id } };
      const { matchedCount } = await available(this.batches.updateOne(free, update));
      if (matchedCount > 0 || (await this.find(batch.tenant, id)) === undefined) continue;
      await this.releasePredecessors(batch);
      return id;
    }
    return undefined;
  }

  /** Lets others replace the predecessors of a batch that does not. May be repeated. */
  async releasePredecessors({ tenant, id, replay }: Batch): Promise<void> {
    if (replay === undefined) return;
    const claimed = { _id: { $in: [...replay.predecessors] }, tenant: tenantKey(tenant), replacedBy: id };
    await available(this.batches.updateMany(claimed, { $unset: { replacedBy: '' } }));
  }

  /** Undoes what a request did that took a batch back, where nothing has moved the batch since. It ended when it ended at first. */
  async reinstate(tenant: Tenant, id: string, requestId: string): Promise<void> {
    const filter = { _id: id, tenant: tenantKey(tenant), status: 'inactive' as const, requestId };
    const update = { $set: { status: 'success' as const, updated: this.now() }, $inc: { version: 1 } };
    await available(this.batches.updateOne(filter, update));
  }

  /**
   * Moves a batch on, if it stands where the caller believes: the only way its status changes. Raises `version` and
   * `updated`, and notes when it reached its end. `to` may be one of `from`, to change what goes with a status.
   *
   * @returns the batch after the change, or `undefined` when it stands elsewhere (or is not there).
   */
  async transition(
    tenant: Tenant,
    id: string,
    from: readonly BatchStatus[],
    to: BatchStatus,
    changes: BatchChanges = {},
  ): Promise<Batch | undefined> {
    const now = this.now();
    const document = await available(
      this.batches.findOneAndUpdate(
        { _id: id, tenant: tenantKey(tenant), status: { $in: [...from] } },
        {
          $set: { ...changes, status: to, updated: now, ...(endings.has(to) && { finishedAt: now }) },
          $inc: { version: 1 },
        },
        { returnDocument: 'after' },
      ),
    );
    return document ? batchFrom(document) : undefined;
  }
}
