import { z } from 'zod';

/** Events of one dataset that carry exactly these identities: on which days (epoch ms of their begin) something changed. */
export const storedEventsSchema = z.object({
  datasetId: z.string().min(1),
  xids: z.array(z.string().min(1)).min(1),
  days: z.array(z.number().int()).min(1),
});
export type StoredEvents = z.infer<typeof storedEventsSchema>;

/**
 * Payload of {@link topics.eventsStored}: what computed attributes count anew. Many at a time because each is small.
 * Repeating it does no harm: what is counted is the events there are.
 */
export const eventsStoredMessageSchema = z.object({
  organisation: z.string().min(1),
  sandbox: z.string().min(1),
  /** Newest acceptance time (epoch ms) among the events. */
  acceptedAt: z.number().int(),
  stored: z.array(storedEventsSchema).min(1),
});
export type EventsStoredMessage = z.infer<typeof eventsStoredMessageSchema>;
