import type { Deletion, StoreCounts } from '@tessera/stores';

/** What a deletion has at hand: where it counts, and where it finds out how fast it may go, and that it is to stop. */
export interface RemovalContext {
  readonly deletion: Deletion;
  /**
   * Takes a step when the store has room for one, not within another; it may concern about so many documents.
   *
   * @throws the reason when the job is called off or handed back, or what the step throws.
   */
  step<Result>(work: (documents: number) => Promise<Result>): Promise<Result>;
  /** Notes what is gone. @throws the reason when the job is called off or handed back. */
  removed(counts: StoreCounts): Promise<void>;
}

/** Removes a deletion's data from one place. All of it may be repeated: what is gone is not found again. */
export interface Removal {
  /** @throws UnavailableError */
  remove(context: RemovalContext): Promise<void>;
}
