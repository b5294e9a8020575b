import type { DeletionScan, StoreCounts, TouchedIdentities } from '@tessera/stores';
import type { BatchRemoval } from '../removal/batch-removal.js';
import type { DeadLetterRemoval } from '../removal/dead-letter-removal.js';
import type { Follower } from '../removal/follower.js';
import type { RemovalContext } from '../removal/removal.js';

export interface VerificationParts {
  readonly scan: DeletionScan;
  readonly touched: TouchedIdentities;
  readonly deadLetters: DeadLetterRemoval;
  readonly batches: BatchRemoval;
  readonly followers: readonly Follower[];
}

/** Looks afterwards, in every store, for what a deletion should have removed. */
export class Verification {
  constructor(private readonly parts: VerificationParts) {}

  /** What is still there, by store. @throws UnavailableError */
  async remaining(context: Pick<RemovalContext, 'deletion' | 'step'>): Promise<StoreCounts> {
    const { scan, deadLetters, batches, followers } = this.parts;
    const { deletion } = context;
    const { tenant, subject, at } = deletion;
    const scanned = await scan.remaining(deletion, (question) => context.step(question));
    const spoken = subject.kind === 'person' ? await deadLetters.count(tenant, subject.members, at) : 0;
    const remaining: Record<string, number> = {
      ...scanned,
      identities: (scanned.identities ?? 0) + (subject.kind === 'person' ? 0 : await this.orphans(context)),
      deadLetters: (scanned.deadLetters ?? 0) + spoken,
      batchFiles: await batches.remaining(deletion),
    };
    for (const follower of followers) {
      remaining[follower.store] = (remaining[follower.store] ?? 0) + (await follower.remaining(context));
    }
    return remaining;
  }

  /** Of all whom the deletion took something from: those that are known and that nothing speaks of any more. */
  private async orphans(context: Pick<RemovalContext, 'deletion' | 'step'>): Promise<number> {
    const { scan, touched } = this.parts;
    const { id, tenant } = context.deletion;
    let count = 0;
    for (let after = ''; ;) {
      const xids = await context.step(() => touched.all(tenant, id, after, AT_ONCE));
      if (xids.length === 0) return count;
      count += await context.step(() => scan.orphans(tenant, xids));
      after = xids.at(-1) ?? '';
    }
  }
}

/** Identities looked at together. */
const AT_ONCE = 500;
