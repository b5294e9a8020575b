import { z } from 'zod';

/**
 * Payload of {@link topics.identityWithdrawal}: what a batch said about who belongs together is to be forgotten. Keyed by
 * tenant. Repeating it does no harm: what is forgotten is not found again.
 */
export const identityEvidenceWithdrawnMessageSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  requestId: z.string().optional(),
  datasetId: z.string().min(1),
  batchId: z.string().min(1),
  /** Epoch ms of the acceptance of the request. */
  acceptedAt: z.number().int(),
  /**
   * Offsets, by partition of {@link topics.identityEvidence}, that the merge worker must have reached before: evidence of
   * the batch may stand before them, and would come back after its withdrawal.
   */
  after: z.array(z.object({ partition: z.number().int(), offset: z.number().int() })),
});
export type IdentityEvidenceWithdrawnMessage = z.infer<typeof identityEvidenceWithdrawnMessageSchema>;
