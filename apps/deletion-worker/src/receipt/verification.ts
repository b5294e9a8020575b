import type { Deletion, DeletionScan, StoreCounts } from '@tessera/stores';
import type { BatchRemoval } from '../removal/batch-removal.js';
import type { DeadLetterRemoval } from '../removal/dead-letter-removal.js';
import type { Follower } from '../removal/follower.js';

export interface VerificationParts {
  readonly scan: DeletionScan;
  readonly deadLetters: DeadLetterRemoval;
  readonly batches: BatchRemoval;
  readonly followers: readonly Follower[];
}

/** Looks afterwards, in every store, for what a deletion should have removed. */
export class Verification {
  constructor(private readonly parts: VerificationParts) {}

  /** What is still there, by store. @throws UnavailableError */
  async remaining(deletion: Deletion): Promise<StoreCounts> {
    const { scan, deadLetters, batches, followers } = this.parts;
    const { tenant, subject, at } = deletion;
    const scanned = await scan.remaining(deletion);
    const spoken = subject.kind === 'person' ? await deadLetters.count(tenant, subject.members, at) : 0;
    const remaining: Record<string, number> = {
      ...scanned,
      deadLetters: (scanned.deadLetters ?? 0) + spoken,
      batchFiles: await batches.remaining(deletion),
    };
    for (const follower of followers) {
      remaining[follower.store] = (remaining[follower.store] ?? 0) + (await follower.remaining(deletion));
    }
    return remaining;
  }
}
