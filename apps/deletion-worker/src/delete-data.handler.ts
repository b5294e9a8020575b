import { topics, type JobType } from '@tessera/contracts';
import type { JobContext, JobHandler, JobTurn } from '@tessera/jobs';
import {
  deletionOf,
  deletionProperties,
  withoutIdentities,
  type AbandonedDeletions,
  type BatchStore,
  type DeletionScan,
  type Job,
  type TouchedIdentities,
} from '@tessera/stores';
import { DeletionProgress, type DeletionProgressParts } from './deletion-progress.js';
import type { Conclusion } from './receipt/conclusion.js';
import type { ExportMentions } from './receipt/export-mentions.js';
import { uploadMentions } from './receipt/upload-mentions.js';
import type { Verification } from './receipt/verification.js';
import type { Arrivals } from './removal/arrivals.js';
import type { BatchRemoval } from './removal/batch-removal.js';
import type { Follower } from './removal/follower.js';
import type { Removal } from './removal/removal.js';

export interface DeleteDataParts extends DeletionProgressParts {
  readonly scan: DeletionScan;
  readonly data: Removal;
  readonly graph: Removal;
  readonly deadLetters: Removal;
  readonly batches: BatchRemoval;
  readonly followers: readonly Follower[];
  readonly arrivals: Arrivals;
  readonly touched: TouchedIdentities;
  readonly abandoned: AbandonedDeletions;
  readonly verification: Verification;
  readonly conclusion: Conclusion;
  readonly mentions: ExportMentions;
  readonly stored: BatchStore;
}

/** Identities taken off a list together. */
const FORGOTTEN_AT_ONCE = 500;
/** Milliseconds between looks at what is still on its way. */
const LOOK_AFTER = 250;

/**
 * Deletes a dataset, a batch or a person (spec 09-system-jobs). The fence stands since the deletion was accepted. What is
 * stored is removed at once; what was on its way then is discarded as it arrives, and only when all of it has is everything
 * looked at again, the graph brought up to date and the receipt given. Every step may be repeated, by any worker.
 */
export class DeleteDataHandler implements JobHandler {
  /** Deletions whose stored data this process has removed, and which wait for what was on its way. */
  private readonly waiting = new Set<string>();

  constructor(
    readonly type: JobType,
    private readonly parts: DeleteDataParts,
  ) {}

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const { scan, data, graph, deadLetters, batches, followers, arrivals } = this.parts;
    const deletion = deletionOf(job);
    const { id } = deletion;
    const progress = new DeletionProgress(deletion, job, context, this.parts);
    if (!this.waiting.has(id)) {
      if (!progress.isSurveyed) {
        await progress.surveyed(await scan.survey(deletion, (question) => progress.step(question)));
      }
      await batches.stop(deletion);
      await data.remove(progress);
      this.waiting.add(id);
    }
    const isThere = (await arrivals.isReached(id, topics.record)) && !(await batches.isLoading(deletion));
    if (!isThere || !(await arrivals.isReached(id, topics.identityEvidence))) {
      await progress.reach(80);
      return { again: LOOK_AFTER };
    }
    // What workers had written that died before they could take it back.
    await data.remove(progress);
    await this.adopt(progress);
    await graph.remove(progress);
    await progress.reach(90);
    for (const follower of followers) await progress.removed({ [follower.store]: await follower.remove(deletion) });
    await deadLetters.remove(progress);
    await batches.remove(progress);
    await progress.reach(95);
    await this.conclude(job, progress);
    await this.forgetTouched(progress);
    this.forget(id);
    // With the success, not before: whoever repeats this looks through files and dead letters for what XIDs stand for.
    const properties = deletionProperties(withoutIdentities(deletion.subject), deletion.at);
    return { done: true, properties };
  }

  async failed(job: Job): Promise<void> {
    this.forget(job.id);
    const deletion = deletionOf(job);
    await this.parts.abandoned.note(deletion, Date.now());
    await this.parts.conclusion.failed(job, deletion);
  }

  /**
   * Takes over whom those touched that were to remove the same and were given up. What they may still be removing is gone,
   * as all of it is by now; so nobody is looked at too early.
   */
  private async adopt(progress: DeletionProgress): Promise<void> {
    const { abandoned, touched } = this.parts;
    const { tenant, id: to } = progress.deletion;
    for (const { id: from } of await abandoned.within(progress.deletion)) {
      let after: string | undefined = '';
      while (after !== undefined) {
        const last: string = after;
        after = await progress.step(() => touched.handOn(tenant, { from, to }, last, FORGOTTEN_AT_ONCE));
      }
    }
  }

  private async conclude(job: Job, progress: DeletionProgress): Promise<void> {
    const { verification, conclusion, mentions, stored } = this.parts;
    const remaining = await verification.remaining(progress);
    const exports = await mentions.of(progress);
    const uploads = await uploadMentions(stored, progress);
    await conclusion.conclude(job, progress.deletion, { exports, uploads, remaining });
  }

  private async forgetTouched({ deletion: { id, tenant } }: DeletionProgress): Promise<void> {
    const { touched, pace } = this.parts;
    for (let after = ''; ;) {
      const xids = await touched.all(tenant, id, after, FORGOTTEN_AT_ONCE);
      if (xids.length === 0) return;
      await pace.step(() => touched.forget(tenant, id, xids));
      after = xids.at(-1) ?? '';
    }
  }

  private forget(id: string): void {
    this.waiting.delete(id);
    this.parts.arrivals.forget(id);
  }
}
