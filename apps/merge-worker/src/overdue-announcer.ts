import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from '@tessera/observability';
import type { GraphAnnouncements } from '@tessera/stores';
import type { ChangePublisher } from './change-publisher.js';

export interface OverdueAnnouncerOptions {
  /** Milliseconds between looks. */
  readonly interval: number;
  /** Milliseconds after which whoever made a change is taken to have died before announcing it. */
  readonly overdueAfter: number;
}

const defaults: OverdueAnnouncerOptions = { interval: 15_000, overdueAfter: 60_000 };

/** Announces the changes of workers that died between making and announcing them. */
export class OverdueAnnouncer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly announcements: GraphAnnouncements,
    private readonly publisher: ChangePublisher,
    private readonly logger: Logger,
    private readonly options: OverdueAnnouncerOptions = defaults,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.running
        .then(() => this.announce())
        .catch((error: unknown) =>
          this.logger.warn({ error: String(error) }, 'Overdue changes could not be announced yet'),
        );
    }, this.options.interval);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Several workers may announce the same: whoever hears of a change twice reads what is current twice. */
  async announce(): Promise<void> {
    for (const { id, tenant, changes } of await this.announcements.overdue(this.options.overdueAfter)) {
      await this.publisher.publish(tenant, changes);
      await this.announcements.done([id]);
      this.logger.info({ ...tenant, changes: changes.length }, 'Announced changes that a worker left behind');
    }
  }
}
