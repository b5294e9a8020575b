import type { Logger } from '@tessera/observability';
import type { FiguresMarks } from '@tessera/stores';
import { Periodical } from '../periodical.js';
import type { FiguresUpdater } from './figures-updater.js';

const INTERVAL_MS = 2_000;
/** Milliseconds after which nobody else is taken to be counting what has been marked. */
const OVERDUE_AFTER_MS = 2_000;
const AT_ONCE = 1_000;

/**
 * Counts figures that were marked without a message, because their events were deleted, hidden or shown, that a worker
 * left behind, or whose events have expired. Until then readers count those events themselves.
 */
export class OverdueFigures extends Periodical {
  constructor(
    private readonly marks: FiguresMarks,
    private readonly updater: FiguresUpdater,
    logger: Logger,
    private readonly overdueAfter = OVERDUE_AFTER_MS,
  ) {
    super(INTERVAL_MS, (reason) => logger.warn({ reason }, 'Marked figures could not be counted yet'));
  }

  async once(): Promise<void> {
    for (const [tenant, figures] of await this.marks.waiting(this.overdueAfter, AT_ONCE)) {
      await this.updater.countLeft(tenant, figures);
    }
  }
}
