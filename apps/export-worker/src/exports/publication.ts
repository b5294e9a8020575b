import type { ExportOrder, SegmentWanted } from '@tessera/domain';
import type { Batch, ExportPartDone, ExportPlan, ExportPublication, Job, OutputFile } from '@tessera/stores';
import { fileName } from './export-job.js';

/**
 * What becomes visible of an export whose parts are all done.
 *
 * @param parts in the order of their outputs and ranges.
 * @param now epoch ms.
 */
export function publicationOf(
  job: Job,
  order: ExportOrder,
  plan: ExportPlan,
  parts: readonly ExportPartDone[],
  now: number,
): Omit<ExportPublication, 'fenceVersion'> {
  const namespaces = new Map<string, number>();
  for (const part of parts) {
    for (const [name, count] of part.namespaces) namespaces.set(name, (namespaces.get(name) ?? 0) + count);
  }
  return {
    jobId: job.id,
    batches: order.outputs.map((_, output) => batchOf(job, order, plan, parts, output, now)),
    files: parts.flatMap((part) => filesOf(order, part, now)),
    result: { profiles: profilesOf(parts), namespaces },
  };
}

function filesOf(order: ExportOrder, part: ExportPartDone, now: number): OutputFile[] {
  const batchId = order.outputs[part.output]?.batchId ?? '';
  return part.files.map(({ key, size }, index) => {
    const name = fileName(order, part, index);
    return { id: `${batchId}-${name.replace(/^part-|\.[a-z]+$/g, '')}`, batchId, name, key, size, created: now };
  });
}

function batchOf(
  { tenant, createdAt, requestedBy, requestId }: Job,
  { number, datasetId, format, outputs }: ExportOrder,
  { startedAt }: ExportPlan,
  parts: readonly ExportPartDone[],
  output: number,
  now: number,
): Batch {
  const { batchId = '', segment } = outputs[output] ?? {};
  const own = parts.filter((part) => part.output === output);
  return {
    id: batchId,
    tenant,
    datasetId,
    behavior: 'record',
    status: 'success',
    inputFormat: { format },
    tags: {
      'tessera/exportJob': [String(number)],
      ...(segment && tagsOf(segment)),
    },
    enableErrorDiagnostics: false,
    partialIngestionPercent: 0,
    created: createdAt,
    updated: now,
    createdUser: requestedBy,
    updatedUser: requestedBy,
    version: 1,
    completedAt: now,
    startedAt,
    finishedAt: now,
    requestId,
    metrics: { inputRecordCount: 0, outputRecordCount: profilesOf(own), failedRecordCount: 0, inputByteSize: 0 },
    errors: [],
  };
}

/** All of it: batches may be of one segment and differ in the status of its members. */
function tagsOf({ segmentId, segmentNs, status }: SegmentWanted): NonNullable<Batch['tags']> {
  return {
    'tessera/segment': [segmentId],
    ...(segmentNs !== undefined && { 'tessera/segmentNs': [segmentNs] }),
    ...(status && { 'tessera/segmentStatus': status }),
  };
}

function profilesOf(parts: readonly ExportPartDone[]): number {
  return parts.reduce((sum, { profiles }) => sum + profiles, 0);
}
