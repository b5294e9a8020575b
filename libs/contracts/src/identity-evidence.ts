import { z } from 'zod';
import { identitySchema } from './identity.js';

/**
 * What one or more records of one batch of work said about who belongs together. The first identity is the primary one.
 * Repeats within a batch are folded: `first` and `last` are the oldest and newest age (epoch ms) of the folded records.
 */
export const identityEvidenceSchema = z.object({
  identities: z.array(identitySchema).min(1),
  /** Whether the identities are linked: the dataset feeds the identity graph. Otherwise they are only registered. */
  links: z.boolean(),
  datasetId: z.string().min(1),
  batchId: z.string().min(1).optional(),
  /**
   * The latest deletion (epoch ms) of the dataset, the batch or one of the identities before the records were accepted. A
   * later deletion withdraws the evidence, an earlier one does not.
   */
  since: z.number().int().optional(),
  first: z.number().int(),
  last: z.number().int(),
  /** Newest acceptance time (epoch ms) of the folded records. */
  acceptedAt: z.number().int(),
});
export type IdentityEvidence = z.infer<typeof identityEvidenceSchema>;

/** Payload of {@link topics.identityEvidence}: evidence of one tenant, many at a time because each is small. */
export const identityEvidenceMessageSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  requestId: z.string().optional(),
  evidence: z.array(identityEvidenceSchema).min(1),
});
export type IdentityEvidenceMessage = z.infer<typeof identityEvidenceMessageSchema>;
