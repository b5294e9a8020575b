import type { Sandbox } from '@tessera/http';
import type { Batch, BatchFile } from '@tessera/stores';

/** A batch as answers show it, without its id. Fields are the published ones. */
export function batchAnswer(batch: Batch, sandbox: Sandbox) {
  const { status, externalId, tags = {}, inputFormat, replay, metrics, errors, created, updated } = batch;
  return {
    imsOrg: batch.tenant.organisation,
    sandboxId: sandbox.id,
    status,
    externalId,
    relatedObjects: [{ type: 'dataSet', id: batch.datasetId }],
    inputFormat,
    enableErrorDiagnostics: batch.enableErrorDiagnostics,
    partialIngestionPercent: batch.partialIngestionPercent,
    replay,
    tags,
    metrics,
    errors,
    created,
    updated,
    loaded: batch.completedAt,
    started: batch.startedAt,
    completed: batch.finishedAt,
    createdUser: batch.createdUser,
    updatedUser: batch.updatedUser,
    // Each change of a batch raises the last part, as it does for datasets.
    version: `1.0.${batch.version - 1}`,
  };
}

/** Batches keyed by their ids, in the given order. */
export function batchesAnswer(batches: readonly Batch[], sandbox: Sandbox) {
  return Object.fromEntries(batches.map((batch) => [batch.id, batchAnswer(batch, sandbox)]));
}

/** A file after an upload. */
export function uploadAnswer({ path, size }: BatchFile) {
  return { name: path, sizeInBytes: size };
}
