import { z } from 'zod';

/**
 * Payload of {@link topics.identitySettings}: the linking rules of a sandbox changed, and who is linked already is to be
 * judged by them. Keyed by tenant. Repeating it does no harm: what is judged already is left alone.
 */
export const identitySettingsChangedMessageSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  /** Epoch ms. */
  changedAt: z.number().int(),
});
export type IdentitySettingsChangedMessage = z.infer<typeof identitySettingsChangedMessageSchema>;
