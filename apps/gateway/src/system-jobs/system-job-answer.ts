import type { Tenant } from '@tessera/contracts';
import type { Sandbox } from '@tessera/http';
import { deletionOf, subjectIds, type Job, type JobStatus } from '@tessera/stores';
import { deletionTypes } from './system-job-types.js';

/** What published clients call the states of a job; a job that was called off ended without its result. */
const statuses: Readonly<Record<JobStatus, string>> = {
  NEW: 'NEW',
  'IN-PROGRESS': 'IN-PROGRESS',
  SUCCESS: 'SUCCESS',
  FAILED: 'FAILED',
  CANCELLED: 'ERROR',
};

/** A job as answers show it: with the names of two generations of published clients (spec 09-system-jobs). */
export function systemJobAnswer(job: Job, { organisation }: Tenant, sandbox: Sandbox) {
  const { id, type, properties, progress, createdAt, updatedAt } = job;
  const datasetId = textOf(properties['datasetId']);
  const batchId = textOf(properties['batchId']);
  return {
    id,
    requestId: id,
    requestType: type,
    jobType: deletionTypes.includes(type) ? 'DELETE' : type,
    imsOrgId: organisation,
    sandbox: { sandboxName: sandbox.name, sandboxId: sandbox.id, type: sandbox.type, default: sandbox.isDefault },
    status: statuses[job.status],
    properties: deletionTypes.includes(type) ? subjectIds(deletionOf(job).subject) : properties,
    dataSetId: datasetId,
    batchId,
    metrics: JSON.stringify(metricsOf(job)),
    progress,
    ...(job.error !== undefined && { error: job.error }),
    createEpoch: Math.floor(createdAt / 1_000),
    updateEpoch: Math.floor(updatedAt / 1_000),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** What has been done, by name; the first two are what published clients read. */
function metricsOf({ metrics, createdAt, updatedAt }: Job): Readonly<Record<string, number>> {
  const timeTakenInSec = Math.round((updatedAt - createdAt) / 1_000);
  return { recordsProcessed: 0, timeTakenInSec, ...metrics };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
