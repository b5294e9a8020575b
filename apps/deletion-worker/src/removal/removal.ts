import type { CountedSteps, Deletion, StoreCounts } from '@tessera/stores';

/** A transaction that something is removed and counted in. */
export type RemovalSession = Parameters<Parameters<CountedSteps['take']>[2]>[0];

/** What a deletion has at hand: where it counts, and where it finds out how fast it may go, and that it is to stop. */
export interface RemovalContext {
  readonly deletion: Deletion;
  /**
   * Takes a step when the store has room for one, not within another; it may concern about so many documents.
   *
   * @throws the reason when the job is called off or handed back, or what the step throws.
   */
  step<Result>(work: (documents: number) => Promise<Result>): Promise<Result>;
  /**
   * Removes something and counts it, both or neither: also when the worker is killed, or another does the same job.
   *
   * @param work removes within the session alone, and is repeated after a conflict.
   * @returns how much it has removed.
   * @throws JobCancelledError when the job is no longer open: then nothing is removed. That it is to stop, the next step says.
   */
  remove(work: (session: RemovalSession) => Promise<StoreCounts>): Promise<StoreCounts>;
  /**
   * Notes what is gone already, where no transaction can have it: before anything else that may fail, as another try does
   * not find it any more. A worker that is killed in between leaves it uncounted.
   *
   * @throws JobCancelledError when the job is no longer open. That it is to stop, the next step says.
   */
  removed(counts: StoreCounts): Promise<void>;
}

/** Removes a deletion's data from one place. All of it may be repeated: what is gone is not found again. */
export interface Removal {
  /** @throws UnavailableError */
  remove(context: RemovalContext): Promise<void>;
}
