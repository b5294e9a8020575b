import type { ChangePublisher } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { GraphAnnouncements } from '@tessera/stores';
import { Periodical } from './periodical.js';

const INTERVAL_MS = 15_000;
/** Milliseconds after which whoever made a change is taken to have died before announcing it. */
const OVERDUE_AFTER_MS = 60_000;

/** Announces the changes of workers that died between making and announcing them. */
export class OverdueAnnouncer extends Periodical {
  constructor(
    private readonly announcements: GraphAnnouncements,
    private readonly publisher: ChangePublisher,
    private readonly logger: Logger,
    private readonly overdueAfter = OVERDUE_AFTER_MS,
  ) {
    super(INTERVAL_MS, (reason) => logger.warn({ reason }, 'Overdue changes could not be announced yet'));
  }

  /** Several workers may announce the same: whoever hears of a change twice reads what is current twice. */
  async once(): Promise<void> {
    for (const { id, tenant, changes } of await this.announcements.overdue(this.overdueAfter)) {
      await this.publisher.publish(tenant, changes);
      await this.announcements.done([id]);
      this.logger.info({ ...tenant, changes: changes.length }, 'Announced changes that a worker left behind');
    }
  }
}
