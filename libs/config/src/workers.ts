import { z } from 'zod';
import {
  edgesShape,
  kafkaShape,
  mongoShape,
  profileShape,
  recordShape,
  redisShape,
  refineStorage,
  serviceShape,
  storageShape,
  wholeNumber,
} from './shared.js';

/** Variables of a worker that consumes Kafka topics in batches. */
const consumerShape = {
  /** Milliseconds between commits of what has been written. */
  COMMIT_INTERVAL_MS: wholeNumber.default(300),
  /** Messages handled together. */
  BATCH_MAX_RECORDS: wholeNumber.default(1_000),
  /** Batches handled at the same time. */
  CONCURRENT_BATCHES: wholeNumber.default(2),
};

/** Variables of a worker that does jobs. */
const jobShape = {
  ...redisShape,
  /** Jobs worked on at once. */
  JOB_CONCURRENCY: wholeNumber.default(4),
  /** Parts of jobs, such as files of batches, worked on at once. */
  JOB_PART_CONCURRENCY: wholeNumber.default(2),
  /** Milliseconds without a sign of life after which another worker takes a job over. */
  JOB_LOCK_MS: wholeNumber.default(15_000),
};

const ingestionWorkerFields = z.object({
  ...serviceShape,
  ...kafkaShape,
  ...mongoShape,
  ...storageShape,
  ...consumerShape,
  ...recordShape,
  ...profileShape,
  RECORD_MAX_BYTES: wholeNumber.default(1_048_576),
  DEAD_LETTER_RETENTION_DAYS: wholeNumber.default(30),
  ...jobShape,
  /** Bad rows of one file that are kept for download. */
  BATCH_MAX_ROW_ERRORS: wholeNumber.default(10_000),
});
export const ingestionWorkerSchema = ingestionWorkerFields.superRefine(refineStorage);
export type IngestionWorkerConfiguration = z.infer<typeof ingestionWorkerSchema>;

const deletionWorkerFields = z.object({
  ...serviceShape,
  ...kafkaShape,
  ...mongoShape,
  ...storageShape,
  /** Milliseconds between commits of commands that are in the queue. */
  COMMIT_INTERVAL_MS: wholeNumber.default(300),
  ...jobShape,
  ...edgesShape,
  ...profileShape,
  /** Days for which files uploaded into batches are kept after these have ended. */
  BATCH_FILE_RETENTION_DAYS: wholeNumber.default(30),
  /** Documents removed in one step at most; fewer where the store is slow. */
  DELETION_STEP: wholeNumber.default(500),
  /** Milliseconds of rest after each step at least: it is as long as the step took. */
  DELETION_PAUSE_MS: z.coerce.number().int().nonnegative().default(5),
  /** As the merge worker has them. */
  GRAPH_MAX_IDENTITIES: wholeNumber.default(50),
  GRAPH_MAX_LINKS: wholeNumber.default(500),
});
export const deletionWorkerSchema = deletionWorkerFields.superRefine(refineStorage);
export type DeletionWorkerConfiguration = z.infer<typeof deletionWorkerSchema>;

export const mergeWorkerSchema = z.object({
  ...serviceShape,
  ...kafkaShape,
  ...mongoShape,
  ...redisShape,
  ...consumerShape,
  ...edgesShape,
  ...profileShape,
  ...jobShape,
  /** Messages handled together; each holds up to two hundred pieces of evidence. */
  BATCH_MAX_RECORDS: wholeNumber.default(50),
  /** Identities in one cluster (spec 04-identity). */
  GRAPH_MAX_IDENTITIES: wholeNumber.default(50),
  /** Links kept of a component in which a limit or a rule bites. */
  GRAPH_MAX_LINKS: wholeNumber.default(500),
});
export type MergeWorkerConfiguration = z.infer<typeof mergeWorkerSchema>;

const exportWorkerFields = z.object({
  ...serviceShape,
  ...kafkaShape,
  ...mongoShape,
  ...storageShape,
  ...jobShape,
  /** Ranges of exports written at once: writing takes a whole core, so more only take more memory. */
  JOB_PART_CONCURRENCY: wholeNumber.default(1),
  /** Milliseconds between commits of commands that are in the queue. */
  COMMIT_INTERVAL_MS: wholeNumber.default(300),
  /** Identities in one range of an export, about: each range is written, and written again after a crash, on its own. */
  EXPORT_RANGE_PEOPLE: wholeNumber.default(50_000),
  /** Bytes of records that go into one file of an export, before they are compressed; about. */
  EXPORT_FILE_BYTES: wholeNumber.default(268_435_456),
});
export const exportWorkerSchema = exportWorkerFields.superRefine(refineStorage);
export type ExportWorkerConfiguration = z.infer<typeof exportWorkerSchema>;
export const samplingWorkerSchema = z.object({
  ...serviceShape,
  ...kafkaShape,
  ...mongoShape,
  ...jobShape,
  COMMIT_INTERVAL_MS: consumerShape.COMMIT_INTERVAL_MS,
  /** Share of the people that a sample draws, of a sandbox with at least a hundred thousand (spec 08-preview-sample). */
  SAMPLING_RATIO: z.coerce.number().positive().max(1).default(0.1),
  /** About how many identities one part of a sample looks at. */
  SAMPLE_RANGE_IDENTITIES: wholeNumber.default(20_000),
  /** Milliseconds between looks at whether the number of people has moved enough for a sample. */
  SAMPLE_STREAMING_INTERVAL_MS: wholeNumber.default(3_600_000),
  /** The same for sandboxes into which a batch was ingested since. */
  SAMPLE_BATCH_INTERVAL_MS: wholeNumber.default(900_000),
});
export type SamplingWorkerConfiguration = z.infer<typeof samplingWorkerSchema>;
