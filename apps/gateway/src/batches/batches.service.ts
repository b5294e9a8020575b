import { Inject, Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import type { Fault, Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { BatchStore, DatasetStore, type Batch, type BatchInputFormat, type StoredDataset } from '@tessera/stores';

/** A batch as asked for; the body matches `newBatchSchema`. */
export interface NewBatch {
  readonly datasetId: string;
  readonly inputFormat: BatchInputFormat;
  readonly externalId?: string;
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly enableErrorDiagnostics?: boolean;
  readonly partialIngestionPercent?: number;
  readonly partialIngestionPercentage?: number;
  readonly replay?: { readonly predecessors: readonly string[] };
}

/** Creates and finds batches (spec 03-ingestion, "Batches"). */
@Injectable()
export class BatchesService {
  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
  ) {}

  /** @throws ProblemError `unknown-batch`. */
  async get(tenant: Tenant, id: string): Promise<Batch> {
    const batch = await this.batches.find(tenant, id);
    if (batch === undefined) throw unknownBatch(id);
    return batch;
  }

  /** @throws ProblemError `unknown-dataset`, `invalid-body` for predecessors it cannot have, `batch-exists`. */
  async create({ tenant, clientId, requestId }: Requester, wanted: NewBatch): Promise<Batch> {
    const dataset = await this.datasets.find(tenant, wanted.datasetId);
    if (dataset === undefined) {
      throw problem('unknown-dataset', { detail: `The sandbox has no dataset ${wanted.datasetId}.` });
    }
    const predecessors = [...new Set(wanted.replay?.predecessors)];
    await this.checkPredecessors(dataset, predecessors);
    const { format, isMultiLineJson } = wanted.inputFormat;
    const now = Date.now();
    const batch: Batch = {
      id: ulid(now),
      tenant,
      datasetId: dataset.id,
      behavior: dataset.rules.behavior,
      status: 'loading',
      inputFormat: { format, ...(isMultiLineJson !== undefined && { isMultiLineJson }) },
      ...(wanted.externalId !== undefined && { externalId: wanted.externalId }),
      ...(wanted.tags !== undefined && { tags: wanted.tags }),
      enableErrorDiagnostics: wanted.enableErrorDiagnostics ?? false,
      partialIngestionPercent: wanted.partialIngestionPercent ?? wanted.partialIngestionPercentage ?? 0,
      ...(predecessors.length > 0 && { replay: { predecessors, reason: 'replace' } }),
      created: now,
      updated: now,
      createdUser: clientId,
      updatedUser: clientId,
      version: 1,
      requestId,
      metrics: { inputRecordCount: 0, outputRecordCount: 0, failedRecordCount: 0, inputByteSize: 0 },
      errors: [],
    };
    if (await this.batches.create(batch)) return batch;
    throw problem('batch-exists', {
      detail: `The sandbox has another batch with the externalId "${wanted.externalId}"; choose another one.`,
    });
  }

  private async checkPredecessors(
    { tenant, id, rules }: StoredDataset,
    predecessors: readonly string[],
  ): Promise<void> {
    if (predecessors.length === 0) return;
    if (rules.behavior !== 'time-series') {
      throw invalidReplay([
        { path: '/replay', message: 'is only for datasets of events: records replace by themselves' },
      ]);
    }
    const found = new Map((await this.batches.findMany(tenant, predecessors)).map((batch) => [batch.id, batch]));
    const faults = predecessors.flatMap((predecessor, index) => {
      const batch = found.get(predecessor);
      const path = `/replay/predecessors/${index}`;
      if (batch?.datasetId !== id || batch.status !== 'success') {
        return [{ path, message: 'is not a successful batch of this dataset' }];
      }
      const { replacedBy } = batch;
      return replacedBy === undefined ? [] : [{ path, message: `is being replaced by the batch ${replacedBy}` }];
    });
    if (faults.length > 0) throw invalidReplay(faults);
  }
}

export function unknownBatch(id: string): ProblemError {
  return problem('unknown-batch', { detail: `The sandbox has no batch ${id.slice(0, 64)}.` });
}

function invalidReplay(errors: readonly Fault[]): ProblemError {
  return problem('invalid-body', { detail: 'The batch cannot replace these; errors lists every fault.', errors });
}
