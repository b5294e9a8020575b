import { z } from 'zod';

/**
 * One person whose fragments, events or identities changed. Where the identities stayed as they were, it may name some of
 * them only: whoever needs the others reads them.
 */
export const profileChangeSchema = z.object({
  /** The smallest XID of the members named. */
  clusterId: z.string().min(1),
  /** XIDs of every member after a change of members; otherwise at least of those whose data changed. */
  members: z.array(z.string().min(1)).min(1),
  /** Cluster ids that this change made obsolete (merged or split away). */
  replaced: z.array(z.string().min(1)),
  /** Newest acceptance time (epoch ms) among the records behind the change. */
  acceptedAt: z.number().int(),
});
export type ProfileChange = z.infer<typeof profileChangeSchema>;

/** Payload of {@link topics.profileChanged}. */
export const profileChangedMessageSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  changes: z.array(profileChangeSchema).min(1),
});
export type ProfileChangedMessage = z.infer<typeof profileChangedMessageSchema>;
