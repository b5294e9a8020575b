import { topics, type Tenant } from '@tessera/contracts';
import type { JobContext, JobHandler, JobTurn } from '@tessera/jobs';
import { objectKey, type ObjectStorage } from '@tessera/object-storage';
import {
  deletionOf,
  type Deletion,
  type DeletionScan,
  type FenceSetter,
  type Job,
  type SandboxRemover,
  type SandboxStore,
  type StoreCounts,
} from '@tessera/stores';
import { DeletionProgress, type DeletionProgressParts } from './deletion-progress.js';
import type { Conclusion } from './receipt/conclusion.js';
import type { Arrivals } from './removal/arrivals.js';
import type { SandboxEdges } from './removal/sandbox-edges.js';

export interface DeleteSandboxParts extends DeletionProgressParts {
  readonly sandboxes: SandboxStore;
  readonly remover: SandboxRemover;
  readonly storage: ObjectStorage;
  readonly edges: SandboxEdges;
  readonly scan: DeletionScan;
  readonly fences: FenceSetter;
  readonly arrivals: Arrivals;
  readonly conclusion: Conclusion;
  /** Milliseconds after which no gateway takes the sandbox for one that is there any more. */
  readonly settling?: number;
}

const LOOK_AFTER = 250;

/**
 * Deletes all that a deleted sandbox has. Until the end everything of it is fenced off, whenever it was accepted; then its
 * name is free, and what was accepted before stays away from whoever takes it.
 */
export class DeleteSandboxHandler implements JobHandler {
  readonly type = 'DELETE_SANDBOX';

  constructor(private readonly parts: DeleteSandboxParts) {}

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const { arrivals, settling = 2_000 } = this.parts;
    const deletion = deletionOf(job);
    const { tenant, id } = deletion;
    const progress = new DeletionProgress(deletion, job, context, this.parts);
    // Once its name is free it may mean another sandbox, which this must not touch.
    if (!(await this.isGoing(deletion))) return { done: true };
    if (!progress.isSurveyed) await progress.surveyed(await this.parts.scan.survey(deletion));
    await this.removeAll(deletion, progress);
    const wait = job.createdAt + settling - Date.now();
    if (wait > 0) return { again: wait };
    const isThere = await arrivals.isReached(id, topics.record);
    if (!isThere || !(await arrivals.isReached(id, topics.identityEvidence))) return { again: LOOK_AFTER };
    await this.removeAll(deletion, progress);
    const remaining = await this.remaining(deletion, progress);
    await this.parts.conclusion.conclude(job, deletion, { exports: [], remaining });
    await this.parts.fences.endSandbox(tenant, Date.now());
    await this.parts.sandboxes.forget(tenant);
    arrivals.forget(id);
    return { done: true };
  }

  async failed(job: Job): Promise<void> {
    this.parts.arrivals.forget(job.id);
    await this.parts.conclusion.failed(job, deletionOf(job));
  }

  private async removeAll(deletion: Deletion, progress: DeletionProgress): Promise<void> {
    const { remover, storage, edges } = this.parts;
    while (await this.isGoing(deletion)) {
      const step = await progress.step(() => remover.removeSome(deletion.tenant));
      if (!step) break;
      await progress.removed(step.store ? { [step.store]: step.count } : {});
    }
    await storage.deleteAll(filesOf(deletion.tenant));
    await edges.remove(progress);
  }

  private async remaining(deletion: Deletion, progress: DeletionProgress): Promise<StoreCounts> {
    const { scan, remover, storage, edges } = this.parts;
    const [files, settings] = await Promise.all([
      storage.list(filesOf(deletion.tenant)),
      remover.remainingSettings(deletion.tenant),
    ]);
    if (settings > 0) throw new Error('settings of a deleted sandbox have appeared meanwhile');
    const held = await edges.remaining(progress);
    return { ...(await scan.remaining(deletion)), batchFiles: files.length, edges: held };
  }

  private isGoing({ tenant, subject }: Deletion): Promise<boolean> {
    const id = subject.kind === 'sandbox' ? subject.sandboxId : '';
    return this.parts.sandboxes.isGoing(tenant, id);
  }
}

/** Everything that any service stores for a sandbox lies below its tenant. */
function filesOf({ organisation, sandbox }: Tenant): string {
  return objectKey(organisation, sandbox);
}
