import { z } from 'zod';
import { jobTypeSchema } from '@tessera/contracts';
import type { JobReference } from '@tessera/stores';

/** What the queue knows of a job: where its record is, and which part of it to do. Everything else is in the record. */
export const payloadSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  requestId: z.string(),
  jobId: z.string().min(1),
  type: jobTypeSchema,
  /** Absent for the job as a whole. */
  part: z.string().min(1).optional(),
  /** Whether the part takes seconds at most. */
  short: z.literal(true).optional(),
  /** Attempts that failed, outages not counted. */
  failures: z.number().int().nonnegative(),
});
export type Payload = z.infer<typeof payloadSchema>;

export function payloadOf({ id, tenant, type, requestId }: JobReference, part?: string, isShort = false): Payload {
  const { organisation, sandbox } = tenant;
  return {
    organisation,
    sandbox,
    requestId,
    jobId: id,
    type,
    ...(part !== undefined && { part }),
    ...(isShort && { short: true as const }),
    failures: 0,
  };
}

/** Name of a job or part in the queue, so that adding it twice changes nothing. BullMQ reserves `:` and plain numbers. */
export function queueId({ jobId, part = '' }: Pick<Payload, 'jobId' | 'part'>): string {
  return `job_${jobId}_${part}`.replaceAll(':', '-');
}
