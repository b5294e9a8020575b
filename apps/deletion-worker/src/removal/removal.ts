import type { Deletion, ReceiptStore } from '@tessera/stores';

/** What a step of a deletion has at hand: where it counts, and where it finds out that it is to stop. */
export interface RemovalContext {
  readonly deletion: Deletion;
  /** Notes what is gone, and rests a little. @throws the reason when the job is called off or handed back. */
  removed(store: ReceiptStore, count: number): Promise<void>;
}

/** Removes a deletion's data from one place. All of it may be repeated: what is gone is not found again. */
export interface Removal {
  /** @throws UnavailableError */
  remove(context: RemovalContext): Promise<void>;
}
