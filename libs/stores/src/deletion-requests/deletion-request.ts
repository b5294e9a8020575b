import type { Tenant } from '@tessera/contracts';

/** What is to be deleted with everything it holds. */
export type DeletionSubject =
  | { readonly kind: 'dataset'; readonly datasetId: string; readonly behavior: 'record' | 'time-series' }
  | { readonly kind: 'sandbox' };

/** A promise to delete data: durable before its client hears of it (spec 01-concepts, guarantees 1 and 6). */
export interface DeletionRequest {
  readonly id: string;
  readonly tenant: Tenant;
  readonly subject: DeletionSubject;
  /** Epoch ms of acceptance: what was accepted before it goes, also where it is still on its way. */
  readonly acceptedAt: number;
  /** Client id of who asked. */
  readonly requestedBy: string;
  readonly requestId: string;
}

/** Who deletes, and when. */
export type DeletionOrder = Omit<DeletionRequest, 'id' | 'tenant' | 'subject'>;
