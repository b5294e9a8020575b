import type { EventVisibility } from '../profile-reads/event-visibility.js';
import type { EventDocument } from '../events/event-document.js';

/** What deletions took out of the past, although a snapshot still has it. */
export interface GoneEvents {
  /** Whether any event that is counted in such figures may be gone. */
  concerns(figures: { readonly datasetId: string; readonly xids: readonly string[] }): boolean;
  /** Whether an event is gone. */
  has(event: Pick<EventDocument, 'datasetId' | 'acceptedAt' | 'xids'>): boolean;
}

/** Which stored events count. */
export interface SeenEvents extends EventVisibility {
  readonly gone?: GoneEvents;
}
