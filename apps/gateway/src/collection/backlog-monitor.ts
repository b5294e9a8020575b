import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { topics } from '@tessera/contracts';
import type { BacklogReader } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';

const INTERVAL_MS = 1_000;

/** Keeps an eye on how far the ingestion workers are behind, so that intake can slow down before the topic piles up. */
export class BacklogMonitor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private latest = 0;

  constructor(
    private readonly reader: BacklogReader,
    private readonly group: string,
    private readonly logger: Logger,
  ) {}

  /** Records waiting on the topic, as of the last look. */
  get size(): number {
    return this.latest;
  }

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => this.look(), 0);
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    this.reader
      .read(topics.record, this.group)
      .then(
        ({ messages }) => (this.latest = messages),
        (error: unknown) => this.logger.debug({ error: String(error) }, 'The backlog could not be read'),
      )
      .finally(() => {
        if (this.timer !== undefined) this.timer = setTimeout(() => this.look(), INTERVAL_MS);
      });
  }
}
