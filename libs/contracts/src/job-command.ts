import { z } from 'zod';
import { consumerGroups, topics } from './topics.js';

/**
 * Long work, by the kind of worker that does it: the topic its commands come by, the group that reads them, and the types
 * of jobs. The name is that of the worker's queue.
 */
export const jobQueues = {
  ingestion: {
    topic: topics.ingestionCommand,
    group: consumerGroups.ingestionCommands,
    types: ['INGEST_BATCH', 'REVERT_BATCH', 'REPLAY_DEAD_LETTERS', 'BACKFILL_TTL'],
  },
  export: { topic: topics.exportCommand, group: consumerGroups.exportCommands, types: ['EXPORT'] },
  sampling: { topic: topics.sampleCommand, group: consumerGroups.sampleCommands, types: ['SAMPLE'] },
  deletion: {
    topic: topics.deletionCommand,
    group: consumerGroups.deletionCommands,
    types: ['TRUNCATE_DATASET', 'DELETE_EE_BATCH', 'DELETE_PROFILE', 'DELETE_SANDBOX'],
  },
  computedAttribute: {
    topic: topics.computedAttributeCommand,
    group: consumerGroups.computedAttributeCommands,
    types: ['EVALUATE_COMPUTED_ATTRIBUTE'],
  },
} as const;
export type JobQueueName = keyof typeof jobQueues;

/** Kinds of long work. */
export type JobType = (typeof jobQueues)[JobQueueName]['types'][number];

const queueNames = Object.keys(jobQueues) as JobQueueName[];
const queueByType = new Map<JobType, JobQueueName>(
  queueNames.flatMap((name) => jobQueues[name].types.map((type): [JobType, JobQueueName] => [type, name])),
);

/** Every kind of long work. */
export const jobTypes: readonly JobType[] = [...queueByType.keys()];

/** Whose work a type of job is. */
export function jobQueueOf(type: JobType): JobQueueName {
  return queueByType.get(type) as JobQueueName;
}

export const jobTypeSchema = z.enum(jobTypes);

/**
 * Payload of the command topics, keyed by job id: work on the durable job record of this id. Everything that decides is in
 * the record, so repeating the command does no harm.
 */
export const jobCommandSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  requestId: z.string().min(1),
  jobId: z.string().min(1),
  type: jobTypeSchema,
});
export type JobCommand = z.infer<typeof jobCommandSchema>;
