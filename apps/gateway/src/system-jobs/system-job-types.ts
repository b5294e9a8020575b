import { jobQueues, type JobType } from '@tessera/contracts';

/** Jobs that delete. */
export const deletionTypes: readonly JobType[] = jobQueues.deletion.types;

/**
 * The jobs that are system jobs to clients (spec 09-system-jobs): deletions, and the long work that other endpoints answer
 * with the id of. Exports and samples have lists of their own, and loading and reverting batches is the batch's status.
 */
export const systemJobTypes: readonly JobType[] = [...deletionTypes, 'BACKFILL_TTL', 'REPLAY_DEAD_LETTERS'];
