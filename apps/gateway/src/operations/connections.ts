import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { consumerGroups, reasonOf, topics } from '@tessera/contracts';
import type { ReadinessCheck } from '@tessera/http';
import { ensureTopics, type BacklogReader, type Messaging, type Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import { UnusableStorageError, type ObjectStorage } from '@tessera/object-storage';
import { ensureIndexes, type Database } from '@tessera/stores';

export interface ConnectionsParts {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly backlog: BacklogReader;
  readonly storage: ObjectStorage;
  readonly logger: Logger;
  /** Partitions and replicas of topics that are not there yet. */
  readonly partitions: number;
  readonly replication: number;
}

const LONGEST_PAUSE_MS = 2_000;

/**
 * The gateway's connections to its servers. It starts and answers without them, so that a server that is down makes it not
 * ready instead of making it fail; each is prepared as soon as it answers, and closed once the last request is done.
 */
export class Connections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly prepared = new Set<string>();
  private preparing: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ConnectionsParts) {}

  /**
   * Readiness of each server: prepared, and answering now. Of the object storage, that it answered once: while it is down,
   * records stream on, and only what is about files answers 503.
   */
  readonly checks: Readonly<Record<'mongodb' | 'kafka' | 'object-storage', ReadinessCheck>> = {
    mongodb: () => this.whenPrepared('mongodb', () => this.parts.database.ping()),
    kafka: () => this.whenPrepared('kafka', () => this.parts.backlog.read(topics.record, consumerGroups.ingestion)),
    'object-storage': () => this.whenPrepared('object-storage', () => Promise.resolve()),
  };

  onApplicationBootstrap(): void {
    const { database, messaging, producer, storage, partitions, replication } = this.parts;
    this.preparing = Promise.all([
      this.prepare('mongodb', () => ensureIndexes(database)),
      this.prepare('object-storage', () => storage.check()),
      this.prepare('kafka', async () => {
        await ensureTopics(messaging, partitions, replication);
        await producer.connect();
      }),
    ]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.preparing;
    const { database, producer, backlog } = this.parts;
    await Promise.all([database.close(), producer.close(), backlog.close()]);
  }

  /** Repeats `work` with growing pauses until it succeeds or the service stops. */
  private async prepare(server: string, work: () => Promise<void>): Promise<void> {
    for (let pause = 100; !this.stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await work();
        this.prepared.add(server);
        return;
      } catch (error) {
        const reason = error instanceof UnusableStorageError ? error.message : reasonOf(error);
        this.parts.logger.warn({ server, reason }, 'server not ready yet; trying again');
        await delay(pause, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  private async whenPrepared(server: string, check: () => Promise<unknown>): Promise<void> {
    if (!this.prepared.has(server)) throw new Error(`${server} is not prepared yet`);
    await check();
  }
}
