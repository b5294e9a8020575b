import type { JobType, JsonObject, Tenant } from '@tessera/contracts';

/** `NEW` until a worker takes it; the last three are final. */
export const jobStatuses = ['NEW', 'IN-PROGRESS', 'SUCCESS', 'FAILED', 'CANCELLED'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** A durable promise to do some long work: the truth about its state, whatever becomes of brokers and queues. */
export interface Job {
  readonly id: string;
  readonly tenant: Tenant;
  readonly type: JobType;
  /** What to do; everything that decides. Its shape belongs to the type. */
  readonly properties: JsonObject;
  readonly status: JobStatus;
  /** Percent, 0 to 100. */
  readonly progress: number;
  /** What has been done, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Why it failed, for users. */
  readonly error?: string;
  /** Client id of who asked. */
  readonly requestedBy: string;
  readonly requestId: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly updatedAt: number;
}

/** A job as asked for. */
export type NewJob = Pick<Job, 'id' | 'type' | 'properties' | 'requestedBy' | 'requestId' | 'createdAt'>;

/** Which job to work on. */
export type JobReference = Pick<Job, 'id' | 'tenant' | 'type' | 'requestId'>;

/** How far a job is. */
export interface JobProgress {
  /** Percent, 0 to 100. One lower than what was noted before changes nothing. */
  readonly progress: number;
  /** In place of what was noted by the same names before; others stay. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** How a job ended. */
export interface JobEnd {
  readonly status: Extract<JobStatus, 'SUCCESS' | 'FAILED'>;
  /** In place of all that was noted before; that stays unless given. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** What is kept of what it was to do; all of it unless given. */
  readonly properties?: JsonObject;
  /** Why it failed, for users. */
  readonly error?: string;
}

/** Which jobs are asked for. */
export interface JobFilter {
  readonly types?: readonly JobType[];
  readonly statuses?: readonly JobStatus[];
}

export function isFinal(status: JobStatus): boolean {
  return status === 'SUCCESS' || status === 'FAILED' || status === 'CANCELLED';
}

/** In which order jobs are asked for; those equal in it, and those without it, by age. */
export interface JobOrder {
  readonly field: 'createdAt' | 'updatedAt' | 'status' | 'type' | 'batchId' | 'datasetId';
  readonly descending: boolean;
}
