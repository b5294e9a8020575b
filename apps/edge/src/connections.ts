import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { reasonOf } from '@tessera/contracts';
import type { EdgeCopies, EdgeShelf } from '@tessera/edge-store';
import type { Logger } from '@tessera/observability';
import type { Database } from '@tessera/stores';

const PAUSE_MS = 1_000;

/**
 * The edge's connections. It starts and answers without MongoDB, which it only needs for what it does not hold; without
 * Redis it starts and is not ready.
 */
export class Connections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private connecting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly edges: readonly (EdgeCopies | EdgeShelf)[],
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.connecting = this.connectDatabase();
    await Promise.all(this.edges.map((edge) => edge.connect()));
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    for (const edge of this.edges) edge.close();
    await this.database.close();
    await this.connecting;
  }

  /** The driver looks for a server by itself only once a first attempt has succeeded. */
  private async connectDatabase(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.database.connect();
        return;
      } catch (error) {
        const reason = reasonOf(error);
        this.logger.warn({ server: 'mongodb', reason }, 'server not there yet; trying again');
      }
      await delay(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
