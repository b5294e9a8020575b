import type { JsonObject } from '@tessera/contracts';
import type { ExportOrder } from '@tessera/domain';
import { isFinal, type ExportJob, type ExportJobFilter, type JobStatus } from '@tessera/stores';
import type { ExportState } from './export-jobs.service.js';

/** What published clients call the states of an export. */
export type ExportStatus = 'NEW' | 'QUEUED' | 'PROCESSING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

const statuses: Readonly<Record<Exclude<JobStatus, 'NEW'>, ExportStatus>> = {
  'IN-PROGRESS': 'PROCESSING',
  SUCCESS: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
};

const filters: Readonly<Record<ExportStatus, ExportJobFilter>> = {
  NEW: { status: 'NEW', isPublished: false },
  QUEUED: { status: 'NEW', isPublished: true },
  PROCESSING: { status: 'IN-PROGRESS' },
  SUCCEEDED: { status: 'SUCCESS' },
  FAILED: { status: 'FAILED' },
  CANCELLED: { status: 'CANCELLED' },
};

/** How to find the exports of a state; everything when undefined. */
export function filterOf(status: ExportStatus | undefined): ExportJobFilter {
  return status === undefined ? {} : filters[status];
}

/** An export as the published API answers it (spec 07-export-jobs). */
export function exportJobAnswer({ job, progress }: ExportState) {
  const order = job.properties['order'] as unknown as ExportOrder;
  const shown = job.properties['shown'] as JsonObject;
  const { id, version } = order.policy;
  return {
    profileInstanceId: 'ups',
    jobType: 'BATCH',
    id: order.number,
    schema: shown['schema'],
    fields: shown['fields'],
    mergePolicy: id === undefined ? undefined : { id, version },
    status: statusOf(job),
    progress: job.progress,
    requestId: job.requestId,
    computeGatewayJobId: {},
    metrics: metricsOf(job, progress),
    destination: destinationOf(order, shown['segmentPerBatch'] === true),
    filter: shown['filter'],
    additionalFields: shown['additionalFields'],
    ...(job.error !== undefined && { errors: [{ code: 'TSR-EXP-0500', msg: job.error }] }),
    updateTime: job.updatedAt,
    imsOrgId: job.tenant.organisation,
    creationTime: job.createdAt,
  };
}

function statusOf({ status, isPublished }: ExportJob): ExportStatus {
  if (status !== 'NEW') return statuses[status];
  return isPublished ? 'QUEUED' : 'NEW';
}

function destinationOf({ datasetId, outputs }: ExportOrder, segmentPerBatch: boolean) {
  if (!segmentPerBatch) return { datasetId, segmentPerBatch, batchId: outputs[0]?.batchId };
  const batches = outputs.map(({ batchId, segment }) => ({ ...segment, batchId }));
  return { datasetId, segmentPerBatch, batches };
}

function metricsOf({ status, createdAt, updatedAt }: ExportJob, progress: ExportState['progress']) {
  const end = isFinal(status) ? updatedAt : undefined;
  const result = progress?.result;
  return {
    totalTime: timeOf(createdAt, end),
    ...(progress && { profileExportTime: timeOf(progress.startedAt, end) }),
    ...(result && {
      totalExportedProfileCounter: result.profiles,
      exportedProfileByNamespaceCounter: Object.fromEntries(result.namespaces),
    }),
  };
}

function timeOf(startTimeInMs: number, endTimeInMs: number | undefined) {
  if (endTimeInMs === undefined) return { startTimeInMs };
  return { startTimeInMs, endTimeInMs, totalTimeInMs: Math.max(0, endTimeInMs - startTimeInMs) };
}
