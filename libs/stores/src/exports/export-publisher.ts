import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Batch } from '../batches/batch.js';
import { batchDocument, type BatchDocument } from '../batches/batch-document.js';
import type { Database } from '../database.js';
import type { FenceVersionDocument } from '../deletions/deletion-fence.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import type { JobDocument } from '../jobs/job-document.js';
import type { ExportDocument, OutputFileDocument } from './export-documents.js';
import type { ExportResult, OutputFile } from './export-work.js';

/** What becomes visible of an export. */
export interface ExportPublication {
  readonly jobId: string;
  readonly batches: readonly Batch[];
  readonly files: readonly OutputFile[];
  readonly result: ExportResult;
  /** Up to which of the sandbox's deletions nothing deleted is in the files (`DeletionFences.version`). */
  readonly fenceVersion: number;
}

/** `ended`: the job was no longer open. `outdated`: more was deleted meanwhile; look whether it concerns the files. */
export type ExportPublished = 'published' | 'ended' | 'outdated';

/** Makes what an export has written visible, all of it in one step. */
export class ExportPublisher {
  private readonly jobs: Collection<JobDocument>;
  private readonly exports: Collection<ExportDocument>;
  private readonly batches: Collection<BatchDocument>;
  private readonly fenceVersions: Collection<FenceVersionDocument>;
  private readonly files: Collection<OutputFileDocument>;
  private readonly transactions: TransactionRunner;

  constructor(
    database: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.jobs = database.collection('jobs');
    this.exports = database.collection('exports');
    this.batches = database.collection('batches');
    this.fenceVersions = database.collection('deletion_fence_versions');
    this.files = database.collection('output_files');
    this.transactions = new TransactionRunner(newSessions(database.client), { concurrency: 1 });
  }

  /**
   * Ends a job as successful, and with it shows its batches and their files: who cancels it meanwhile is either first, and
   * nothing is ever seen, or too late.
   *
   * What an earlier try published stays.
   *
   * @throws UnavailableError
   */
  async publish(tenant: Tenant, publication: ExportPublication): Promise<ExportPublished> {
    const { results } = await this.transactions.run([[publication]], async (_tasks, session) =>
      this.publishWithin(tenant, publication, session),
    );
    return results[0] ?? 'ended';
  }

  private async publishWithin(
    tenant: Tenant,
    { jobId, batches, files, result, fenceVersion }: ExportPublication,
    session: ClientSession,
  ): Promise<ExportPublished> {
    const key = tenantKey(tenant);
    const fences = await this.fenceVersions.findOne({ _id: key }, { session });
    if ((fences?.version ?? 0) !== fenceVersion) return 'outdated';
    const ended = await this.jobs.updateOne(
      { _id: jobId, tenant: key, open: true },
      {
        $set: { status: 'SUCCESS', progress: 100, updatedAt: this.now() },
        $unset: { open: '', unpublished: '' },
      },
      { session },
    );
    if (ended.matchedCount === 0) return 'ended';
    const { profiles, namespaces } = result;
    await this.exports.updateOne(
      { _id: jobId, tenant: key },
      { $set: { result: { profiles, namespaces: [...namespaces] } }, $unset: { unsettled: '' } },
      { session },
    );
    if (files.length > 0) {
      const documents = files.map(({ id, ...file }) => ({ _id: id, tenant: key, ...file }));
      await this.files.insertMany(documents, { session });
    }
    if (batches.length > 0) await this.batches.insertMany(batches.map(batchDocument), { session });
    return 'published';
  }
}
