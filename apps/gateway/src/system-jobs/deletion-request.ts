import type { JsonObject } from '@tessera/contracts';
import { problem, type ProblemError } from '@tessera/http';

/** What a client asks to be deleted: a dataset, or one batch. */
export interface DeletionRequest {
  readonly datasetId?: string;
  readonly batchId?: string;
}

export const deletionRequestSchema = {
  type: 'object',
  properties: {
    dataSetId: { type: 'string', minLength: 1, description: 'Everything of this dataset' },
    datasetId: { type: 'string', minLength: 1, description: 'The same as dataSetId' },
    batchId: { type: 'string', minLength: 1, description: 'One batch of events' },
  },
};

/** @throws ProblemError `invalid-body` for neither, or for two datasets. */
export function deletionRequestOf({ dataSetId, datasetId, batchId }: JsonObject): DeletionRequest {
  const named = dataSetId ?? datasetId;
  if (datasetId !== undefined && named !== datasetId) {
    throw conflicting('dataSetId and datasetId name two datasets.', '/datasetId');
  }
  if (named === undefined && batchId === undefined) {
    throw problem('invalid-body', {
      detail: 'Name what is to be deleted: a dataset as dataSetId, or a batch as batchId.',
      errors: [{ path: '', message: 'dataSetId or batchId is required' }],
    });
  }
  return {
    ...(typeof named === 'string' && { datasetId: named }),
    ...(typeof batchId === 'string' && { batchId }),
  };
}

export function conflicting(detail: string, path: string): ProblemError {
  return problem('invalid-body', { detail, errors: [{ path, message: 'contradicts the other id' }] });
}
