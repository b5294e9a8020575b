import type { RepeatingTask } from '@tessera/jobs';
import type { Logger } from '@tessera/observability';
import {
  isFinal,
  type AbandonedDeletion,
  type AbandonedDeletions,
  type EventRemover,
  type FiguresMarks,
  type JobStore,
  type TouchedIdentities,
  type WithdrawnBatches,
} from '@tessera/stores';
import type { Pace } from '../pace.js';
import type { Settlement } from '../removal/settlement.js';

export interface AbandonedSweepParts {
  readonly abandoned: AbandonedDeletions;
  readonly jobs: Pick<JobStore, 'status'>;
  readonly touched: TouchedIdentities;
  readonly marks: FiguresMarks;
  readonly batches: WithdrawnBatches;
  readonly events: Pick<EventRemover, 'pages'>;
  readonly settlement: Settlement;
  readonly pace: Pace;
  readonly logger: Logger;
}

/** Milliseconds between looks. */
const EVERY = 5_000;
/**
 * Milliseconds for which a deletion is left alone that was given up: its worker, which finds out within a second, may be
 * about to remove what it has noted, and must not do so after the people concerned were looked at.
 */
const GRACE = 10_000;
/** Deletions, and identities, read at once. */
const PAGE = 1_000;

/**
 * Looks at whom deletions took something from that ended before they got there: what is gone stays gone, so the graph, the
 * edges and computed attributes have to follow it all the same.
 */
export class AbandonedSweep {
  constructor(private readonly parts: AbandonedSweepParts) {}

  task(): RepeatingTask {
    return { name: 'abandoned-deletions', every: EVERY, run: () => this.settleAll() };
  }

  /** May be repeated, and done by several at once. @throws UnavailableError */
  async settleAll(now = Date.now()): Promise<void> {
    for (let after = ''; ;) {
      const found = await this.parts.abandoned.before(now - GRACE, after, PAGE);
      for (const deletion of found) await this.settle(deletion);
      const last = found.at(-1);
      if (!last || found.length < PAGE) return;
      after = last.id;
    }
  }

  private async settle(deletion: AbandonedDeletion): Promise<void> {
    const { abandoned, jobs, logger } = this.parts;
    const { id, tenant } = deletion;
    // Noted before it is: perhaps by somebody who died in between, and then it goes on.
    const status = await jobs.status(tenant, id);
    if (status !== null && !isFinal(status)) return;
    // Withdrawn, and not failed: then it is still to be gone, and may be asked for again.
    if (status === null) await this.showAgain(deletion);
    const identities = await this.settleTouched(deletion);
    await abandoned.forget(tenant, id);
    logger.info({ ...tenant, jobId: id, identities }, 'Looked at whom an abandoned deletion was about');
  }

  /** Those whose events are seen again are looked at as well: edges may have been told of them while they were hidden. */
  private async showAgain({ id, tenant, batchId }: AbandonedDeletion): Promise<void> {
    const { batches, events, touched, pace } = this.parts;
    if (batchId === undefined || !(await batches.reinstate(tenant, batchId, id))) return;
    for await (const page of events.pages(tenant, { batchId }, Infinity, PAGE)) {
      const xids = page.flatMap((event) => event.xids);
      await pace.step(() => touched.add(tenant, id, xids));
    }
  }

  /** Everybody: those who were settled may have been so when it failed for what was left of them. @returns how many. */
  private async settleTouched({ id, tenant, at }: AbandonedDeletion): Promise<number> {
    const { touched, marks, settlement, pace } = this.parts;
    let count = 0;
    for (let after = ''; ;) {
      const xids = await touched.all(tenant, id, after, PAGE);
      for (let done = 0; done < xids.length;) {
        await pace.step(async (limit) => {
          const some = xids.slice(done, (done += limit));
          // First, as edges have what is computed.
          await marks.markAll(tenant, { xids: some });
          await settlement.settle({ id, tenant, at }, some);
          await touched.forget(tenant, id, some);
        });
      }
      count += xids.length;
      if (xids.length < PAGE) return count;
      after = xids.at(-1) ?? '';
    }
  }
}
