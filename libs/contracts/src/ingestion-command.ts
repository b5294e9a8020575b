import { z } from 'zod';

/** Long work that the ingestion workers do. */
export const ingestionJobTypes = ['INGEST_BATCH', 'REVERT_BATCH', 'REPLAY_DEAD_LETTERS', 'BACKFILL_TTL'] as const;
export type IngestionJobType = (typeof ingestionJobTypes)[number];

/**
 * Payload of {@link topics.ingestionCommand}, keyed by job id: work on the durable job record of this id. Everything that
 * decides is in the record, so repeating the command does no harm.
 */
export const ingestionCommandSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  requestId: z.string().min(1),
  jobId: z.string().min(1),
  type: z.enum(ingestionJobTypes),
});
export type IngestionCommand = z.infer<typeof ingestionCommandSchema>;
