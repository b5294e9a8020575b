import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import { Turns } from '../turns.js';
import type { Batch, BatchFile, BatchFileContent } from './batch.js';
import { batchFileId, batchFrom, fileFrom, type BatchDocument, type BatchFileDocument } from './batch-document.js';

/** A change of a file: as it was, if it was, and as it is now. */
export interface ChangedFile {
  readonly before: BatchFile | undefined;
  readonly after: BatchFile;
}

/** What became of completing a batch: done, or not while these files are open. `undefined`: it takes no files (any more). */
export type Completion = { readonly batch: Batch } | { readonly openFiles: readonly string[] } | undefined;

/** Paths named of the files that hinder a completion. */
const MOST_NAMED = 10;

/**
 * What clients upload into a batch that is `loading`. Each change is one transaction that also writes to the batch, so
 * none comes after the batch was completed or given up: what a worker finds is all there will ever be.
 */
export class BatchUploadStore {
  private readonly batches: Collection<BatchDocument>;
  private readonly files: Collection<BatchFileDocument>;
  private readonly runner: TransactionRunner;
  /** Of each batch: they all write to its document. */
  private readonly turns = new Turns();

  constructor(
    database: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.batches = database.collection('batches');
    this.files = database.collection('batch_files');
    this.runner = new TransactionRunner(newSessions(database.client), { concurrency: 1, attempts: 64 });
  }

  /**
   * Changes a file, or adds it behind those that are there.
   *
   * @param decide says what it is to become; called again after a conflict. What it throws changes nothing.
   * @returns `undefined` where the batch does not take files (any more).
   */
  async changeFile(
    tenant: Tenant,
    batchId: string,
    path: string,
    decide: (current: BatchFile | undefined) => BatchFileContent,
  ): Promise<ChangedFile | undefined> {
    return this.transaction(batchId, async (session) => {
      const batch = await this.batches.findOneAndUpdate(
        { _id: batchId, tenant: tenantKey(tenant), status: 'loading' },
        { $inc: { uploads: 1 } },
        { session, returnDocument: 'after' },
      );
      if (batch === null) return undefined;
      const _id = batchFileId(batchId, path);
      const found = await this.files.findOne({ _id, tenant: tenantKey(tenant) }, { session });
      const before = found === null ? undefined : fileFrom(found);
      const { parts, state, total } = decide(before);
      const after: BatchFile = {
        batchId,
        datasetId: batch.datasetId,
        path,
        index: before?.index ?? batch.uploads,
        size: parts.reduce((sum, part) => sum + part.size, 0),
        ...(total !== undefined && { total }),
        parts,
        state,
      };
      await this.files.replaceOne(
        { _id, tenant: tenantKey(tenant) },
        { ...after, tenant: tenantKey(tenant) },
        { session, upsert: true },
      );
      return { before, after };
    });
  }

  /** Completes a batch: `loading` becomes `loaded`, with the acceptance time and size of all its files. */
  async complete(tenant: Tenant, batchId: string, by: Pick<Batch, 'updatedUser' | 'requestId'>): Promise<Completion> {
    const ofBatch = { tenant: tenantKey(tenant), batchId };
    return this.transaction(batchId, async (session) => {
      const loading = { _id: batchId, tenant: tenantKey(tenant), status: 'loading' } as const;
      if ((await this.batches.findOne(loading, { session, projection: { _id: 1 } })) === null) return undefined;
      const open = this.files.find({ ...ofBatch, state: 'open' }, { session, projection: { path: 1 } });
      const openFiles = await open.sort({ index: 1 }).limit(MOST_NAMED).toArray();
      if (openFiles.length > 0) return { openFiles: openFiles.map(({ path }) => path) };
      const sums = this.files.aggregate<{ size: number }>(
        [{ $match: ofBatch }, { $group: { _id: null, size: { $sum: '$size' } } }],
        { session },
      );
      const [sum] = await sums.toArray();
      const now = this.now();
      const completed = await this.batches.findOneAndUpdate(
        loading,
        {
          $set: { ...by, status: 'loaded', completedAt: now, updated: now, 'metrics.inputByteSize': sum?.size ?? 0 },
          $inc: { version: 1 },
        },
        { session, returnDocument: 'after' },
      );
      return completed === null ? undefined : { batch: batchFrom(completed) };
    });
  }

  private async transaction<Result>(
    batchId: string,
    work: (session: ClientSession) => Promise<Result>,
  ): Promise<Result> {
    const { results } = await this.turns.take(batchId, () =>
      this.runner.run([[undefined]], async (_tasks, session) => work(session)),
    );
    const [result] = results;
    return result as Result;
  }
}
